package dev.peregrine.gateway.doctor.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.gateway.doctor.probe.FirewallRules.Drop;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules as {@code iptables-legacy-save -c} prints them, and a datagram from 198.18.0.1 to UDP port 4789 at uB. */
class LegacyRulesTest {
    private static List<Drop> drops(String policy, String... rules) {
        String saved = "*filter\n:INPUT " + policy + " [0:0]\n:OUTPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:own - [0:0]\n"
                + String.join("\n", rules) + "\nCOMMIT\n";
        FilteredPacket packet = new FilteredPacket(
                InetAddress.ofLiteral("198.18.0.1"), InetAddress.ofLiteral("198.18.0.2"), "uB", true, 4789);
        return new FirewallRules(LegacyRules.asRuleset(saved, "ip")).drops(packet);
    }

    @Test
    void aRuleThatDropsIsFoundByItsNumber() {
        assertEquals(
                List.of(new Drop(true, 12, "ip filter INPUT", "drop by rule handle 2")),
                drops(
                        "ACCEPT",
                        "[3:4] -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT",
                        "[12:900] -A INPUT -i uB -p udp -m udp --dport 4789 -m comment --comment \"no -j here\" -j DROP"));
    }

    @Test
    void aPolicyAndChainsAreFollowed() {
        assertEquals(List.of(new Drop(true, -1, "ip filter INPUT", "policy drop")), drops("DROP"));
        assertEquals(List.of(), drops("DROP", "[0:0] -A INPUT -j own", "[0:0] -A own -p udp --dport 4789 -j ACCEPT"));
        assertEquals(
                List.of(new Drop(true, 0, "ip filter own", "reject by rule handle 1")),
                drops("ACCEPT", "[0:0] -A INPUT -j own", "[0:0] -A own -j REJECT --reject-with icmp-port-unreachable"));
        assertEquals(
                1,
                drops("ACCEPT", "[0:0] -A INPUT -j LOG --log-prefix \"a b\"", "[0:0] -A INPUT -j DROP")
                        .size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "-s 198.18.0.0/16; true",
                "-s 198.19.0.0/16; false",
                "! -s 198.19.0.0/16; true",
                "-d 198.18.0.2/32; true",
                "-i u+; true",
                "! -i uB; false",
                "-p udp -m multiport --dports 53,4000:5000; true",
                "-p udp -m multiport --dports 53,67; false",
                "-p tcp -m tcp --dport 4789; false",
                "-o uB; false"
            })
    void matchesAreKnownForSure(String match, boolean drops) {
        List<Drop> found = drops("ACCEPT", "[0:0] -A INPUT " + match + " -j DROP");
        assertEquals(drops ? 1 : 0, found.size());
        assertEquals(drops, found.stream().anyMatch(Drop::isCertain));
    }

    @ParameterizedTest
    @CsvSource({"-m limit --limit 3/min", "-m mark --mark 0x1", "-p udp -m udp --sport 99", "-s 10.0.0.1/255.0.0.255"})
    void whatIsNotUnderstoodMayMatch(String match) {
        List<Drop> found = drops("ACCEPT", "[0:0] -A INPUT " + match + " -j DROP");
        assertEquals(List.of(false), found.stream().map(Drop::isCertain).toList(), found::toString);
    }
}
