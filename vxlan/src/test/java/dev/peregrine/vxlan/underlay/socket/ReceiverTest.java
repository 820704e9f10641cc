package dev.peregrine.vxlan.underlay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.underlay.ReceiveFailure;
import dev.peregrine.vxlan.underlay.ReceiveFailures;
import dev.peregrine.vxlan.underlay.VtepCounters;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import org.junit.jupiter.api.Test;

/** A receiver whose socket fails, or holds messages that are not to be believed. */
class ReceiverTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    private final VtepTable vteps = new VtepTable(4789, 16);
    private final Batch batch = new Batch();

    private Receiver receiver(UdpSocket socket, PacketPool pool) {
        DropCounters drops = new DropCounters();
        return receiver(socket, pool, drops, new Merging(socket, drops, new Offload("gro", false, "")));
    }

    private Receiver receiver(UdpSocket socket, PacketPool pool, DropCounters drops, Merging merging) {
        return new Receiver(socket, vteps, pool, drops, new VtepCounters(vteps.slots()), merging, PacketPool.ROOM);
    }

    private static UdpSocket socket() throws LinuxException {
        UdpSocket socket = UdpSocket.open(StandardProtocolFamily.INET);
        socket.bind(LOOPBACK, 0);
        return socket;
    }

    @Test
    void socketThatWorksHasNoFailure() throws LinuxException {
        try (PacketPool pool = new PacketPool(64, 64);
                Receiver receiver = receiver(socket(), pool)) {
            assertEquals(0, receiver.poll(batch));
            assertNull(receiver.failures().last());
            assertFalse(receiver.failures().isBroken());
        }
    }

    @Test
    void socketThatOnlyFailsIsBrokenAndKeepsNoBuffer() throws LinuxException {
        try (PacketPool pool = new PacketPool(64, 64)) {
            UdpSocket socket = socket();
            try (Receiver receiver = receiver(socket, pool)) {
                socket.close();
                for (int i = 1; i <= ReceiveFailures.LIMIT; i++) {
                    assertFalse(receiver.failures().isBroken(), "after " + (i - 1));
                    assertEquals(0, receiver.poll(batch));
                    ReceiveFailure failure = receiver.failures().last();
                    assertNotNull(failure);
                    assertEquals(i, failure.count());
                    assertEquals(Errno.EBADF, failure.errno());
                    assertEquals("EBADF (bad file descriptor)", failure.toString());
                }
                assertTrue(receiver.failures().isBroken());
                receiver.failures().clear();
                assertFalse(receiver.failures().isBroken(), "to be tried again");
            }
            assertTrue(pool.isFull());
        }
    }

    @Test
    void failuresWithWorkingCallsBetweenThemBreakNothing() {
        ReceiveFailures failures = new ReceiveFailures();
        for (int i = 0; i < 10 * ReceiveFailures.LIMIT; i++) {
            failures.failed(-Errno.ENOMEM);
            failures.clear();
        }
        assertFalse(failures.isBroken());
        assertEquals(new ReceiveFailure(Errno.ENOMEM, 10L * ReceiveFailures.LIMIT), failures.last());
    }

    /** A queue of just as many messages as one receive takes ends with a call that finds nothing. */
    @Test
    void emptyQueueEndsWhatIsStale() throws IOException {
        try (PacketPool pool = new PacketPool(64, 64);
                UdpSocket socket = socket();
                DatagramSocket sender = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0))) {
            DropCounters drops = new DropCounters();
            Merging merging = new Merging(socket, drops, new Offload("gro", true, ""));
            try (Receiver receiver = receiver(socket, pool, drops, merging)) {
                for (int i = 0; i < Receiver.LARGE_MESSAGES; i++) {
                    send(sender, socket);
                }
                drops.add(DropReason.UNDERLAY_AMBIGUOUS, 2);
                merging.tick();
                assertEquals(0, receiver.poll(batch), "all of them are stale");
                assertEquals(2 + Receiver.LARGE_MESSAGES, drops.count(DropReason.UNDERLAY_AMBIGUOUS));
                assertEquals(0, receiver.poll(batch), "nothing waits");
                send(sender, socket);
                assertEquals(1, receiver.poll(batch));
                batch.release();
            }
        }
    }

    private static void send(DatagramSocket sender, UdpSocket to) throws IOException {
        sender.send(new DatagramPacket(new byte[100], 100, LOOPBACK, to.localPort()));
    }
}
