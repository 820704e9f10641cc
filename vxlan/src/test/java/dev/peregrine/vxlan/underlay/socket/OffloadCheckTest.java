package dev.peregrine.vxlan.underlay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.offload.ProbeResult;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.underlay.UnderlaySettings;
import java.io.IOException;
import java.net.InetAddress;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OffloadCheckTest {
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void passesWhatThisKernelDoes(String local) {
        OffloadCheck check = OffloadCheck.run(InetAddress.ofLiteral(local));
        assertEquals(new OffloadCheck(ProbeResult.same(), ProbeResult.same()), check);
    }

    @Test
    @Tag("live")
    void saysThatItComparedNothingWithoutALoopbackInterface() throws IOException {
        try (Namespace namespace = Live.namespace()) {
            OffloadCheck check =
                    namespace.netNamespace().call(() -> OffloadCheck.run(InetAddress.ofLiteral("127.0.0.1")));
            assertTrue(check.gso().passed());
            assertTrue(check.gso().text().startsWith("not checked"), check.gso().text());
        }
    }

    @Test
    void switchesOffWhatDidNotPass() throws IOException {
        OffloadCheck failed = new OffloadCheck(ProbeResult.differs("this"), ProbeResult.differs("that"));
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
}
