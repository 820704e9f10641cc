package dev.peregrine.gateway.observe;

import static dev.peregrine.dataplane.observe.PacketFilter.ANY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.peregrine.dataplane.observe.PacketFilter;
import dev.peregrine.dataplane.observe.PacketFilter.Protocol;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.policy.match.Network;
import dev.peregrine.gateway.control.CommandRefused;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilterWordsTest {
    private static PacketFilter parse(String words) throws CommandRefused {
        return FilterWords.parse(words.isEmpty() ? List.of() : List.of(words.split(" ", -1)));
    }

    private static Network network(String address, int length) {
        return Network.of(InetAddress.ofLiteral(address).getAddress(), length);
    }

    @Test
    void everyKeywordIsRead() throws Exception {
        assertEquals(
                new PacketFilter(
                        42,
                        0x02_00_00_00_00_01L,
                        0x02_00_00_00_00_02L,
                        network("198.19.0.0", 24),
                        network("fd00::2", 128),
                        80,
                        Protocol.TCP,
                        DropReason.POLICY_DENIED),
                parse(
                        "vni 42 src 02:00:00:00:00:01 dst 02:00:00:00:00:02 src 198.19.0.0/24 dst fd00::2 port 80 proto tcp"
                                + " drop policy_denied"));
    }

    @Test
    void noWordsLetEverythingPass() throws Exception {
        assertEquals(PacketFilter.ALL, parse(""));
        assertEquals(PacketFilter.ALL, FilterWords.parse(null));
        assertEquals(ANY, parse("port 0").vni());
        assertEquals(0, parse("port 0").port());
        assertEquals(0, parse("vni 0").vni());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            vin 42                | found vin; expected one of vni, src, dst, port, proto, drop
            protos tcp            | found protos; expected one of vni, src, dst, port, proto, drop (did you mean proto?)
            vni                   | found nothing behind vni; expected a number from 0 to 16777215
            vni 16777216          | found vni 16777216; expected a number from 0 to 16777215
            port http             | found port http; expected a number from 0 to 65535
            port -1               | found port -1; expected a number from 0 to 65535
            src host              | found src host; expected a MAC address, an IP address, or a network such as 198.19.0.0/24
            dst 198.19.0.0/33     | found dst 198.19.0.0/33; expected a MAC address, an IP address, or a network such as 198.19.0.0/24
            proto tpc             | found proto tpc; expected tcp, udp, icmp, icmp6, nd or arp
            drop POLICY_DENYED    | found drop POLICY_DENYED; expected a drop reason, as drop list has them (did you mean POLICY_DENIED?)
            vni 1 vni 2           | vni is given twice
            src 1.2.3.4 src ::1   | src is given twice
            proto tcp proto udp   | proto is given twice
            """)
    void aWrongWordIsNamedWithWhatIsExpected(String words, String message) {
        CommandRefused refused = assertThrows(CommandRefused.class, () -> parse(words));
        assertEquals(message, refused.getMessage());
    }
}
