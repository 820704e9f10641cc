package dev.peregrine.vxlan.underlay.socket;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.KernelEcho;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.vxlan.AllowList;
import dev.peregrine.vxlan.Frames;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.underlay.UnderlaySettings;
import dev.peregrine.vxlan.underlay.VtepCounters;
import dev.peregrine.vxlan.underlay.socket.UnderlayEnd.Wishes;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two ends over the loopback interface. */
class NativeUnderlayTest {
    private static final String V4 = "127.0.0.1";
    private static final long DEADLINE_NANOS = 5_000_000_000L;

    private static UnderlayEnd open(String address, int port, int remotePort, Wishes wishes) throws IOException {
        return new UnderlayEnd(address, port, remotePort, wishes);
    }

    static UnaryOperator<UnderlaySettings> receiveBuffer(int bytes) {
        return s -> new UnderlaySettings(
                s.local(),
                s.port(),
                s.device(),
                s.firstSourcePort(),
                s.lastSourcePort(),
                s.checksum(),
                s.df(),
                s.gro(),
                s.gso(),
                bytes);
    }

    private static void between(
            String senderAddress, String receiverAddress, Wishes wishes, UnderlayEnd.Exchange exchange)
            throws IOException {
        int senderPort = UnderlayEnd.freePort();
        int receiverPort = UnderlayEnd.freePort();
        try (UnderlayEnd sender = open(senderAddress, senderPort, receiverPort, Wishes.NONE);
                UnderlayEnd receiver = open(receiverAddress, receiverPort, senderPort, wishes)) {
            exchange.run(sender, receiver);
        }
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.2", "::1, ::1"})
    void deliversDatagramWithSenderTosAndTtl(String from, String to) throws IOException {
        between(from, to, Wishes.NONE, (sender, receiver) -> {
            int back = receiver.know(from);
            Packet packet =
                    sender.frame(1000, 100, sender.know(to)).outerTos(0xbb).outerTtl(17);
            byte[] bytes = Frames.head(packet);
            sender.send(packet);
            Batch batch = receiver.receive(1);
            assertEquals(1, batch.size());
            Packet received = batch.packet(0);
            assertArrayEquals(bytes, Frames.bytes(received));
            assertEquals(back, received.inPort());
            assertEquals(0xbb, received.outerTos());
            assertEquals(17, received.outerTtl());
            batch.release();
            assertEquals(1, receiver.underlay.vtepCounters().receivedDatagrams(Ports.tunnelIndex(back)));
            assertEquals(bytes.length, receiver.underlay.vtepCounters().receivedBytes(Ports.tunnelIndex(back)));
        });
    }

    @Test
    void sendsWithTheSocketsOwnTtlWhenThePacketHasNone() throws IOException {
        between(V4, V4, Wishes.NONE, (sender, receiver) -> {
            sender.send(sender.frame(1000, 100, sender.know(V4)).outerTtl(0));
            Batch batch = receiver.receive(1);
            assertEquals(64, batch.packet(0).outerTtl());
            batch.release();
        });
    }

    @Test
    void marksDatagramFromUnknownSender() throws IOException {
        between(V4, V4, Wishes.NONE, (sender, receiver) -> {
            sender.send(sender.frame(1000, 100, sender.know(V4)));
            Batch batch = receiver.receive(1);
            assertEquals(Packet.NO_PORT, batch.packet(0).inPort());
            batch.release();
            assertEquals(0, receiver.vteps.size());
        });
    }

    @Test
    void learnsAllowedSenderFromItsFirstDatagram() throws IOException {
        between(V4, V4, Wishes.NONE, (sender, receiver) -> {
            receiver.vteps.allow(AllowList.of(List.of(new Prefix(InetAddress.ofLiteral("127.0.0.0"), 8))));
            sender.send(sender.frame(1000, 100, sender.know(V4)));
            Batch batch = receiver.receive(1);
            int port = batch.packet(0).inPort();
            batch.release();
            assertTrue(Ports.isTunnel(port), "port " + port);
            assertEquals(
                    sender.address,
                    receiver.vteps.list().getFirst().destination().address());
        });
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1", "::1"})
    void describesMergedDatagramsAsHeadAndFragments(String address) throws IOException {
        between(address, address, Wishes.NONE, (sender, receiver) -> {
            int headers = 8 + Frames.IPV4_UDP;
            sender.send(sender.superframe(1000, 2500, 1000, sender.know(address)));
            Batch batch = receiver.receive(3);
            assertEquals(1, batch.size());
            Packet packet = batch.packet(0);
            assertEquals(3, packet.wirePackets());
            assertEquals(headers + 1000, packet.headLength());
            assertEquals(headers + 1000, packet.stride());
            assertEquals(headers + 1000, packet.sliceLength(0));
            assertEquals(headers + 500, packet.sliceLength(1));
            assertTrue(packet.isContiguous());
            batch.release();
        });
    }

    @Test
    void completesPartialChecksumOfPlainFrame() throws IOException {
        between(V4, V4, Wishes.NONE, (sender, receiver) -> {
            Packet packet = sender.frame(1000, 100, sender.know(V4));
            byte[] right = Frames.head(packet);
            packet.setShort(packet.transportIndex() + 6, 0x1234);
            sender.send(packet.checksum(Checksum.PARTIAL));
            Batch batch = receiver.receive(1);
            Packet received = batch.packet(0);
            Dissector.dissect(received, 8);
            assertTrue(TransportChecksum.verify(received));
            assertArrayEquals(right, Frames.head(received));
            batch.release();
        });
    }

    @Test
    void countsDatagramCutByTheKernel() throws IOException {
        Wishes shortBuffers = new Wishes(UnaryOperator.identity(), 64, 100);
        between(V4, V4, shortBuffers, (sender, receiver) -> {
            int tunnel = sender.know(V4);
            sender.send(sender.frame(1000, 200, tunnel));
            sender.send(sender.frame(1000, 10, tunnel));
            Batch batch = receiver.receive(1);
            assertEquals(1, batch.size());
            assertEquals(8 + Frames.IPV4_UDP + 10, batch.packet(0).length());
            batch.release();
            assertEquals(1, receiver.dropped(DropReason.UNDERLAY_TRUNCATED));
        });
    }

    @Test
    void countsWhatOverflowedTheReceiveQueue() throws IOException {
        between(V4, V4, Wishes.settings(receiveBuffer(4096)), (sender, receiver) -> {
            int tunnel = sender.know(V4);
            int sent = 200;
            for (int i = 0; i < sent; i++) {
                sender.send(sender.frame(1000, 1000, tunnel));
            }
            int received = 0;
            long deadline = System.nanoTime() + DEADLINE_NANOS;
            while (received + overflowed(receiver) < sent && System.nanoTime() < deadline) {
                received += receiver.poll();
                receiver.underlay.countLosses();
            }
            long lost = (long) sent - received;
            assertTrue(lost > 0, "nothing overflowed");
            assertEquals(lost, overflowed(receiver));

            sender.send(sender.frame(1000, 1000, tunnel));
            receiver.receive(1).release();
            receiver.underlay.countLosses();
            assertEquals(lost, overflowed(receiver), "counted twice");
        });
    }

    private static long overflowed(UnderlayEnd end) {
        return end.dropped(DropReason.UNDERLAY_RECEIVE_OVERFLOW);
    }

    @Test
    void emptyPoolStopsReceivingAndLosesNothing() throws IOException {
        Wishes fewBuffers = new Wishes(UnaryOperator.identity(), 3, PacketPool.ROOM);
        between(V4, V4, fewBuffers, (sender, receiver) -> {
            int tunnel = sender.know(V4);
            for (int i = 0; i < 10; i++) {
                sender.send(sender.frame(1000 + i, 100 + i, tunnel));
            }
            Batch held = receiver.receive(3);
            assertEquals(3, held.size());
            assertEquals(0, receiver.pool.available());
            assertEquals(0, receiver.underlay.poll(held));
            held.release();
            List<byte[]> rest = receiver.datagrams(7);
            assertEquals(7, rest.size());
            assertEquals(8 + Frames.IPV4_UDP + 109, rest.getLast().length);
            assertEquals(0, receiver.drops.total());
        });
    }

    @Test
    void remembersWhyTheKernelRefused() throws IOException {
        between(V4, V4, Wishes.NONE, (sender, receiver) -> {
            int tunnel = sender.know(V4);
            int index = Ports.tunnelIndex(tunnel);
            VtepCounters counters = sender.underlay.vtepCounters();
            assertEquals(0, counters.lastErrno(index));
            Packet tooLong = sender.frame(1000, 65_507 - 8 - Frames.IPV4_UDP, tunnel);
            tooLong.put(1);
            Packet fits = sender.frame(1000, 100, tunnel);
            sender.send(tooLong, fits);
            assertEquals(1, receiver.datagrams(1).size());
            assertEquals(1, sender.dropped(DropReason.UNDERLAY_REFUSED));
            assertEquals(1, counters.failedDatagrams(index));
            assertEquals(Errno.EMSGSIZE, counters.lastErrno(index));
            assertTrue(counters.hasFailedWith(index, Errno.EMSGSIZE));
            assertFalse(counters.hasFailedWith(index, Errno.EPERM));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {V4, "::1"})
    void asksTheKernelAboutThePathThatRefusedADatagramAsTooLong(String address) throws IOException {
        between(address, address, Wishes.NONE, (sender, receiver) -> {
            int tunnel = sender.know(address);
            RemoteVtep vtep = requireNonNull(sender.vteps.behind(tunnel));
            sender.send(sender.frame(1000, 100, tunnel));
            assertFalse(vtep.takeRefusedTooLong());
            Packet tooLong = sender.frame(1000, 65_507 - 8 - Frames.IPV4_UDP, tunnel);
            tooLong.put(100);
            sender.send(tooLong);
            assertTrue(vtep.takeRefusedTooLong());
            assertFalse(vtep.takeRefusedTooLong(), "taken already");
            assertTrue(sender.port.pathMtu(vtep) >= 65_535, "that of the loopback device");
        });
    }

    /** Lets the loopback device send a few bytes a second only; where the kernel cannot, the test is skipped. */
    private static void slow(Namespace namespace) {
        String queue = "tc qdisc add dev lo root tbf rate 8kbit burst 100kb limit 1gb";
        Live.assume(Command.run(namespace.words(queue.split(" "))));
    }

    @Test
    @Tag("live")
    void dropsWhatAFullSocketDoesNotTake() throws IOException {
        try (Namespace namespace = Live.namespace()) {
            namespace.ip("link set lo up");
            slow(namespace);
            UnderlayEnd.within(namespace, Wishes.NONE, (sender, receiver) -> {
                int tunnel = sender.know(V4);
                for (int i = 0; i < 1000 && sender.dropped(DropReason.UNDERLAY_FULL) == 0; i++) {
                    sender.send(sender.superframe(1000, 60_000, 1400, tunnel));
                }
                assertTrue(sender.dropped(DropReason.UNDERLAY_FULL) > 0, "the socket took 60 MB");
                assertEquals(sender.drops.total(), sender.dropped(DropReason.UNDERLAY_FULL));
                assertTrue(sender.pool.isFull());
                assertTrue(sender.underlay.offloads().getLast().enabled());
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.3, 127.0.0.2"})
    void icmpErrorOfOneVtepCostsNoOtherADatagram(String local, String closed, String living) throws IOException {
        KernelEcho.assumeAnswered();
        between(local, living, Wishes.NONE, (sender, receiver) -> {
            int refusing = sender.know(closed);
            int taking = sender.know(living);
            int count = 20;
            for (int i = 0; i < count; i++) {
                sender.send(sender.frame(1000, 100 + i, refusing), sender.frame(1000, 300 + i, taking));
            }
            assertEquals(count, receiver.datagrams(count).size());
            awaitErrors(sender, count);
            VtepCounters counters = sender.underlay.vtepCounters();
            int index = Ports.tunnelIndex(refusing);
            assertEquals(Errno.ECONNREFUSED, counters.lastErrno(index));
            assertEquals(count, counters.unreachableDatagrams(index));
            assertEquals(count, sender.dropped(DropReason.UNDERLAY_UNREACHABLE));
            assertEquals(count, sender.drops.total());
            assertEquals(0, counters.lastErrno(Ports.tunnelIndex(taking)));
        });
    }

    @Test
    void errorsAreTakenWithoutTrafficToo() throws IOException {
        try (UnderlayEnd sender = open("::1", UnderlayEnd.freePort(), UnderlayEnd.freePort(), Wishes.NONE)) {
            sender.send(sender.frame(1000, 100, sender.know("::1")));
            awaitErrors(sender, 1);
            assertEquals(1, sender.dropped(DropReason.UNDERLAY_UNREACHABLE));
        }
    }

    /** The kernel may answer over loopback a moment later; an underlay looks for errors for some ticks. */
    private static void awaitErrors(UnderlayEnd sender, int count) throws IOException {
        for (int i = 0; i < 10 && sender.dropped(DropReason.UNDERLAY_UNREACHABLE) < count; i++) {
            LockSupport.parkNanos(1_000_000L << i);
            sender.underlay.tick();
        }
    }

    @Test
    void dropsPacketWhoseVtepDoesNotExist() throws IOException {
        between(V4, V4, Wishes.NONE, (sender, receiver) -> {
            sender.send(sender.frame(1000, 100, Ports.tunnel(5)), sender.superframe(1000, 3000, 1000, Packet.NO_PORT));
            assertEquals(4, sender.dropped(DropReason.PORT_UNKNOWN));
        });
    }

    @Test
    void addsToWhatTheBatchHolds() throws IOException {
        between(V4, V4, Wishes.NONE, (sender, receiver) -> {
            int tunnel = sender.know(V4);
            sender.send(sender.frame(1000, 100, tunnel));
            sender.send(sender.frame(1001, 101, tunnel));
            Batch batch = new Batch();
            while (batch.size() < Batch.CAPACITY - 1) {
                batch.add(sender.frame(1, 1, tunnel));
            }
            receiver.fill(batch);
            assertTrue(batch.isFull());
            assertEquals(0, receiver.underlay.poll(batch));
            batch.release();
            assertEquals(8 + Frames.IPV4_UDP + 101, receiver.datagrams(1).getFirst().length);
        });
    }
}
