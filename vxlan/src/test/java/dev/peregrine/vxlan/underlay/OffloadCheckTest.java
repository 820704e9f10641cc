package dev.peregrine.vxlan.underlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.underlay.OffloadCheck.Finding;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OffloadCheckTest {
    private static final byte[] DATAGRAM = {1, 2, 3};

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void passesWhatThisKernelDoes(String local) {
        OffloadCheck check = OffloadCheck.run(InetAddress.ofLiteral(local));
        assertEquals(new OffloadCheck(Finding.same(), Finding.same()), check);
    }

    @Test
    void findsAChangedByte() {
        Finding finding = OffloadCheck.finding(List.of(DATAGRAM, DATAGRAM), List.of(DATAGRAM, new byte[] {1, 2, 4}));
        assertFalse(finding.passed());
        assertTrue(finding.text().contains("datagram 2 of 2 differs at byte 2"), finding.text());
    }

    @Test
    void findsADatagramCutShort() {
        assertFalse(OffloadCheck.finding(List.of(DATAGRAM), List.of(new byte[] {1, 2}))
                .passed());
    }

    @Test
    void findsDatagramsThatAreMissingOrGrewTogether() {
        Finding finding = OffloadCheck.finding(List.of(DATAGRAM, DATAGRAM), List.of(new byte[] {1, 2, 3, 1, 2, 3}));
        assertFalse(finding.passed());
        assertTrue(finding.text().contains("2 datagrams became 1"), finding.text());
    }

    @Test
    void saysThatItComparedNothingWithoutALoopbackInterface() throws IOException {
        try (Namespace namespace = new Namespace()) {
            OffloadCheck check = namespace.entered.call(() -> OffloadCheck.run(InetAddress.ofLiteral("127.0.0.1")));
            assertTrue(check.gso().passed());
            assertTrue(check.gso().text().startsWith("not checked"), check.gso().text());
        }
    }

    @Test
    void switchesOffWhatDidNotPass() throws IOException {
        OffloadCheck failed = new OffloadCheck(Finding.differs("this"), Finding.differs("that"));
        int udpPort = UnderlayEnd.freePort();
        UnderlaySettings settings = UnderlaySettings.of(InetAddress.ofLiteral("127.0.0.1"), udpPort);
        try (PacketPool pool = new PacketPool(64, 64);
                UnderlayPort port = UnderlayPort.claim(settings, new VtepTable(udpPort, 16), 1, failed);
                NativeUnderlay underlay = port.open(0, pool, new DropCounters())) {
            for (Offload offload : underlay.offloads()) {
                assertFalse(offload.enabled(), offload::toString);
            }
            assertTrue(underlay.offloads().getFirst().reason().endsWith("that"));
            assertTrue(underlay.offloads().getLast().reason().endsWith("this"));
        }
    }

    /** The sample would prove little if it were one that every kernel gets right. */
    @Test
    void triesWhatIsEasilyWrong() {
        try (PacketPool pool = new PacketPool(1, 1)) {
            Packet packet = KnownSuperframe.in(pool);
            assertEquals(KnownSuperframe.SEGMENTS, packet.segments());
            assertTrue(packet.fragmentLength(packet.fragmentCount() - 1) < packet.segmentSize());
            assertTrue(packet.length() - Dissector.payloadIndex(packet) > 8 * packet.segmentSize());
            pool.release(packet);
        }
    }
}
