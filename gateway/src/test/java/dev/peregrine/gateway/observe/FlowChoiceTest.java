package dev.peregrine.gateway.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.gateway.control.CommandRefused;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The words of {@code flow list} and of {@code state list} and {@code flush}. */
class FlowChoiceTest {
    private static final FlowChoice.Flow WEB = flow("198.19.0.1", "198.19.1.2", IpProtocol.TCP, 40_000, 443);
    private static final FlowChoice.Flow PING = flow("198.19.0.1", "198.19.1.2", IpProtocol.ICMP, 443, 443);
    private static final FlowChoice.Flow PING6 = flow("fd00::1", "fd00::2", IpProtocol.ICMPV6, 7, 7);
    private static final FlowChoice.Flow DNS = flow("fd00::1", "fd00:1::2", IpProtocol.UDP, 40_000, 53);

    private static FlowChoice.Flow flow(String source, String destination, int protocol, int from, int to) {
        return new FlowChoice.Flow(
                42,
                0x02_00_00_00_00_01L,
                0x02_00_00_00_00_02L,
                InetAddress.ofLiteral(source),
                InetAddress.ofLiteral(destination),
                protocol,
                from,
                to);
    }

    /** W: the TCP flow, P: the ping, 6: the ping over IPv6, D: the UDP flow. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            vni 42                    | WP6D
            vni 43                    | none
            proto tcp                 | W
            proto udp                 | D
            proto icmp                | P6
            proto icmp6               | 6
            proto nd                  | none
            proto arp                 | none
            src 198.19.0.0/24         | WP
            src 198.19.0.9/24         | WP
            dst 198.19.0.0/24         | none
            dst fd00::/16             | 6D
            dst fd00::/64             | 6
            src 0.0.0.0/0             | WP
            port 443                  | W
            port 40000                | WD
            src 02:00:00:00:00:01     | WP6D
            dst 02:00:00:00:00:01     | none
            port 40000 proto udp      | D
            """)
    void choosesByAllThatIsGiven(String words, @Nullable String expected) throws Exception {
        FlowChoice choice = FlowChoice.of(List.of(words.split(" ", -1)));
        String chosen = (choice.has(WEB) ? "W" : "")
                + (choice.has(PING) ? "P" : "")
                + (choice.has(PING6) ? "6" : "")
                + (choice.has(DNS) ? "D" : "");
        assertEquals(expected == null ? "" : expected, chosen);
    }

    @Test
    void noFlowIsDropped() {
        CommandRefused refused =
                assertThrows(CommandRefused.class, () -> FlowChoice.of(List.of("drop", "policy_denied")));
        assertEquals("found drop; expected vni, src, dst, port or proto: flows are not dropped", refused.getMessage());
    }
}
