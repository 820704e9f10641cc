package dev.peregrine.dataplane.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FindingTest {
    private static final byte[] DATAGRAM = {1, 2, 3};

    @Test
    void passesEqualBytes() {
        assertEquals(Finding.same(), Finding.of("datagrams", List.of(DATAGRAM, DATAGRAM), List.of(DATAGRAM, DATAGRAM)));
    }

    @Test
    void findsAChangedByte() {
        Finding finding = Finding.of("datagrams", List.of(DATAGRAM, DATAGRAM), List.of(DATAGRAM, new byte[] {1, 2, 4}));
        assertFalse(finding.passed());
        assertTrue(finding.text().contains("of 2 datagrams, number 2 differs at byte 2"), finding.text());
    }

    @Test
    void findsADatagramCutShort() {
        assertFalse(Finding.of("datagrams", List.of(DATAGRAM), List.of(new byte[] {1, 2}))
                .passed());
    }

    @Test
    void findsDatagramsThatAreMissingOrGrewTogether() {
        Finding finding = Finding.of("datagrams", List.of(DATAGRAM, DATAGRAM), List.of(new byte[] {1, 2, 3, 1, 2, 3}));
        assertFalse(finding.passed());
        assertTrue(finding.text().contains("2 datagrams became 1"), finding.text());
    }

    /** The sample would prove little if it were one that every kernel gets right. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void triesWhatIsEasilyWrong(boolean ipv6) {
        try (PacketPool pool = new PacketPool(1, 1)) {
            for (KnownFrame frame : List.of(KnownFrame.tcp(ipv6, 0), KnownFrame.udp(ipv6))) {
                Packet packet = frame.in(pool, new byte[] {1, 2, 3, 4});
                assertEquals(frame.segments(), packet.segments());
                assertTrue(packet.fragmentLength(packet.fragmentCount() - 1) < packet.segmentSize());
                assertTrue(packet.length() - Dissector.payloadIndex(packet) > 8 * packet.segmentSize());
                assertEquals(packet.length(), Dissector.ipEnd(packet));
                pool.release(packet);
            }
        }
    }
}
