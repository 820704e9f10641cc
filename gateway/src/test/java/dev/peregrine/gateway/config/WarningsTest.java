package dev.peregrine.gateway.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.gateway.config.schema.BadConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Legal configurations of which {@code check} says that they will not do what they seem to. */
class WarningsTest {
    private static final String UNDERLAY = "underlay: {local: 198.18.0.2}\n";
    private static final String ALONE =
            "vnis[0].flood: neither flood nor fdb names a VTEP: broadcasts and frames to unknown hosts stay on this host";

    @Test
    void ofAVniThatNamesNoVtep() throws Exception {
        String vni = "vnis: [{vni: 42, ports: [{name: a, type: interface, device: p0}]}]\n";
        assertEquals(List.of("f:2: warning: " + ALONE + ", and none is accepted"), warnings(UNDERLAY + vni));
        assertEquals(
                List.of("f:2: warning: " + ALONE),
                warnings("underlay: {local: 198.18.0.2, allow: [198.18.0.0/24]}\n" + vni));
        assertEquals(List.of(), warnings(UNDERLAY + "vnis: [{vni: 42, flood: [198.18.0.1]}]\n"));
        assertEquals(
                List.of(),
                warnings(UNDERLAY + "vnis: [{vni: 42, fdb: [{mac: \"02:00:00:00:00:01\", vtep: 198.18.0.1}]}]\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{name: a, action: deny, protocol: arp}",
                "{name: a, action: allow, protocol: tcp, destinationPorts: [80]}",
                "{name: a, action: allow, source: [198.19.0.0/24]}",
                "{name: a, action: allow, protocol: icmpv6, icmpType: 128-129}"
            })
    void ofAListThatDeniesArpAndNeighbourDiscovery(String rules) throws Exception {
        List<String> warnings = warnings(policy("out: {default: deny, rules: [" + rules + "]}"));
        assertEquals(1, warnings.size(), warnings::toString);
        assertTrue(
                warnings.getFirst()
                        .startsWith("f:2: warning: vnis[0].policy.out: the default is deny, and no rule lets ARP or"
                                + " neighbour discovery pass: "),
                warnings::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "in: {default: allow, rules: [{name: a, action: deny, protocol: tcp}]}",
                "in: {default: deny, rules: [{name: a, action: allow, protocol: arp}]}",
                "in: {default: deny, rules: [{name: a, action: limit, protocol: arp, packetsPerSecond: 10}]}",
                "in: {default: deny, rules: [{name: a, action: allow}]}",
                "in: {default: deny, rules: [{name: a, action: allow, protocol: icmpv6, icmpType: 133-137}]}",
                "in: {default: deny, rules: [{name: a, action: allow, protocol: icmpv6}]}",
                "in: {default: deny, rules: [{name: a, action: allow, source: ['fd19::/64']}]}"
            })
    void notOfAListThatLetsOneOfThemPass(String policy) throws Exception {
        assertEquals(List.of(), warnings(policy(policy)));
    }

    private static String policy(String text) {
        return UNDERLAY + "vnis: [{vni: 42, flood: [198.18.0.1], policy: {" + text + "}}]\n";
    }

    @Test
    void ofANamespaceThatIsNotThere() throws Exception {
        ConfigFile file = ConfigFile.parse("f", UNDERLAY + """
                vnis:
                - vni: 42
                  flood: [198.18.0.1]
                  ports:
                  - {name: a, type: tap, device: t0, netns: peregrine-no-such}
                  - {name: b, type: interface, device: t1, netns: /proc/self/ns/net}
                  - {name: c, type: tap, device: t2}
                """);
        assertEquals(List.of(), file.warnings(), "the file alone does not tell");
        assertEquals(
                List.of(
                        "f:6: warning: vnis[0].ports[0].netns: there is no network namespace peregrine-no-such (ip netns"
                                + " list): ip netns add peregrine-no-such; until then the port waits"),
                file.absences());
    }

    private static List<String> warnings(String text) throws BadConfig {
        return ConfigFile.parse("f", text).warnings();
    }
}
