package dev.peregrine.dataplane.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProbeResultTest {
    private static final byte[] DATAGRAM = {1, 2, 3};

    @Test
    void passesEqualBytes() {
        assertEquals(
                ProbeResult.same(),
                ProbeResult.of("datagrams", List.of(DATAGRAM, DATAGRAM), List.of(DATAGRAM, DATAGRAM)));
    }

    @Test
    void findsAChangedByte() {
        ProbeResult result =
                ProbeResult.of("datagrams", List.of(DATAGRAM, DATAGRAM), List.of(DATAGRAM, new byte[] {1, 2, 4}));
        assertFalse(result.passed());
        assertTrue(result.text().contains("of 2 datagrams, number 2 differs at byte 2"), result.text());
    }

    @Test
    void findsADatagramCutShort() {
        assertFalse(ProbeResult.of("datagrams", List.of(DATAGRAM), List.of(new byte[] {1, 2}))
                .passed());
    }

    @Test
    void findsDatagramsThatAreMissingOrGrewTogether() {
        ProbeResult result =
                ProbeResult.of("datagrams", List.of(DATAGRAM, DATAGRAM), List.of(new byte[] {1, 2, 3, 1, 2, 3}));
        assertFalse(result.passed());
        assertTrue(result.text().contains("2 datagrams became 1"), result.text());
    }

    @Test
    void whatIsLateOnceOrTwiceIsNotLost() {
        List<byte[]> plain = List.of(DATAGRAM, DATAGRAM);
        for (int late = 0; late < 4; late++) {
            AtomicInteger left = new AtomicInteger(late);
            ProbeResult result =
                    ProbeResult.of("datagrams", plain, () -> left.getAndDecrement() > 0 ? List.of(DATAGRAM) : plain);
            assertEquals(late < ProbeAttempt.MOST, result.passed(), late + " attempts in which one was late");
        }
    }

    /** The sample would prove little if it were one that every kernel gets right. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void triesWhatIsEasilyWrong(boolean ipv6) {
        try (PacketPool pool = new PacketPool(1, 1)) {
            for (ProbeFrame frame : List.of(ProbeFrame.tcp(ipv6, 0), ProbeFrame.udp(ipv6))) {
                Packet packet = frame.in(pool, new byte[] {1, 2, 3, 4});
                assertEquals(frame.segments(), packet.wirePackets());
                assertTrue(packet.sliceLength(packet.sliceCount() - 1) < packet.segmentSize());
                assertTrue(packet.length() - Dissector.payloadIndex(packet) > 8 * packet.segmentSize());
                assertEquals(packet.length(), Dissector.ipEnd(packet));
                pool.release(packet);
            }
        }
    }
}
