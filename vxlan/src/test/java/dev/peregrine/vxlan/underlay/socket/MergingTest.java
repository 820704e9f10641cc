package dev.peregrine.vxlan.underlay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MergingTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    private final DropCounters drops = new DropCounters();
    private final UdpSocket socket;
    private final Merging merging;

    MergingTest() throws LinuxException {
        socket = UdpSocket.open(StandardProtocolFamily.INET);
        socket.bind(LOOPBACK, 0);
        merging = new Merging(socket, drops, new Offload("gro", true, "checked"));
    }

    @AfterEach
    void close() {
        socket.close();
    }

    private void ambiguous() throws LinuxException {
        drops.add(DropReason.UNDERLAY_AMBIGUOUS, 2);
        merging.tick();
    }

    private int pause() throws LinuxException {
        int ticks = 0;
        while (!merging.offload().enabled()) {
            merging.tick();
            ticks++;
        }
        return ticks;
    }

    @Test
    void pausesForLongerEachTime() throws LinuxException {
        merging.tick();
        assertTrue(merging.offload().enabled());
        for (int ticks = Merging.FIRST_PAUSE; ticks <= Merging.LONGEST_PAUSE; ticks *= 2) {
            ambiguous();
            assertEquals(ticks, pause());
        }
        ambiguous();
        assertEquals(Merging.LONGEST_PAUSE, pause());
        for (int i = 0; i <= Merging.LONGEST_PAUSE; i++) {
            merging.tick();
        }
        ambiguous();
        assertEquals(Merging.FIRST_PAUSE, pause(), "it had gone well for long");
    }

    @Test
    void nothingIsStaleWhereNothingWaits() throws LinuxException {
        ambiguous();
        assertFalse(merging.isStale(100));
    }

    @Test
    void whatWaitsWhenThePauseBeginsIsStale() throws IOException {
        try (DatagramSocket sender = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0))) {
            sender.send(new DatagramPacket(new byte[100], 100, LOOPBACK, socket.localPort()));
        }
        ambiguous();
        assertTrue(merging.isStale(100));
        merging.drained();
        assertFalse(merging.isStale(100));
    }
}
