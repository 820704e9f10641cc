package dev.peregrine.dataplane.endpoint.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peregrine.dataplane.endpoint.EndpointContract;
import dev.peregrine.dataplane.endpoint.Frames;
import dev.peregrine.dataplane.endpoint.Frames.Host;
import dev.peregrine.dataplane.linux.socket.SendVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.tun.TapOffload;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.live.KernelEcho;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A TAP endpoint against the kernel, in namespaces of its own. */
@Tag("live")
class TapEndpointLiveTest {
    private static final Host OUTSIDE = TapWorld.OUTSIDE;
    private static final Host INSIDE = TapWorld.INSIDE;
    private static final int SEGMENT = 1_000;

    private final PacketPool pool = new PacketPool(256, 256);
    private final DropCounters drops = new DropCounters();

    @AfterEach
    void close() {
        assertTrue(pool.isFull());
        pool.close();
    }

    private TapWorld world(boolean ipv6, Set<TapOffload> offloads) throws LinuxException {
        return new TapWorld(pool, drops, ipv6, offloads);
    }

    private TapWorld world() throws LinuxException {
        return new TapWorld(pool, drops);
    }

    /** All offloads, each without one, and none. */
    static Stream<Set<TapOffload>> offloads() {
        Stream<Set<TapOffload>> without =
                Arrays.stream(TapOffload.values()).map(offload -> EnumSet.complementOf(EnumSet.of(offload)));
        return Stream.concat(Stream.of(EnumSet.allOf(TapOffload.class), EnumSet.noneOf(TapOffload.class)), without);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static List<byte[]> segments(byte[] payload, int size) {
        List<byte[]> segments = new ArrayList<>();
        for (int at = 0; at < payload.length; at += size) {
            segments.add(Arrays.copyOfRange(payload, at, Math.min(at + size, payload.length)));
        }
        return segments;
    }

    private static void assertSame(List<byte[]> expected, List<byte[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), "segment " + i);
        }
    }

    private void accept(TapWorld world, Packet packet) {
        Batch batch = new Batch();
        batch.add(packet);
        world.endpoint.accept(batch);
        assertTrue(batch.isEmpty());
    }

    private static List<byte[]> datagrams(TapWorld world, int count) {
        List<byte[]> received = new ArrayList<>();
        EndpointContract.await(count + " datagrams", () -> {
            byte[] datagram = world.datagram();
            if (datagram != null) {
                received.add(datagram);
            }
            return received.size() == count;
        });
        return received;
    }

    /** Waits for a UDP packet from the namespace; the caller releases it. */
    private static Packet poll(TapWorld world) {
        List<Packet> packets = new ArrayList<>();
        Batch batch = new Batch();
        EndpointContract.await("a UDP packet", () -> {
            world.endpoint.poll(batch);
            for (int i = 0; i < batch.size(); i++) {
                Packet packet = batch.packet(i);
                if (packets.isEmpty() && packet.protocol() == Frames.UDP) {
                    packets.add(packet);
                } else {
                    packet.pool().release(packet);
                }
            }
            batch.clear();
            return !packets.isEmpty();
        });
        return packets.getFirst();
    }

    private static long framesWritten(TapWorld world) throws LinuxException {
        return world.tap.link().orElseThrow().statistics().rxPackets();
    }

    private Packet superframe(Host from, Host to, byte[] payload) {
        Packet packet = Packets.frame(pool, Frames.partial(from, to, Frames.UDP, Frames.udpSegment(from, to, payload)));
        return packet.cut(packet.headLength() - payload.length, SEGMENT).checksum(Checksum.PARTIAL);
    }

    /** The same superframe with 70 bytes of something else between its fragments, as datagrams arrive. */
    private Packet spread(Packet packet) {
        int stride = SEGMENT + 70;
        for (int i = packet.sliceCount() - 1; i >= 0; i--) {
            MemorySegment.copy(
                    packet.memory(),
                    packet.sliceOffset(i),
                    packet.memory(),
                    packet.offset() + packet.headLength() + 70 + (long) i * stride,
                    packet.sliceLength(i));
        }
        int count = packet.sliceCount();
        int last = packet.sliceLength(count - 1);
        return packet.slices(packet.offset() + packet.headLength() + 70, stride, SEGMENT, count, last);
    }

    @Test
    void reachesTheKernelThroughArpAndPing() throws LinuxException {
        KernelEcho.assumeAnswered();
        try (TapWorld world = world()) {
            Host stranger = new Host(0x0200_0000_0077L, "198.19.0.77", 0);
            accept(world, Packets.frame(pool, Frames.echo(stranger, INSIDE, true, 5, random(56))));
            byte[] request = frame(world, 0x0806);
            assertArrayEquals(Frames.arp(0xffff_ffff_ffffL, 1, INSIDE, 0, stranger.address()), request);
            accept(world, Packets.frame(pool, Frames.arp(INSIDE.mac(), 2, stranger, INSIDE.mac(), INSIDE.address())));
            byte[] reply = frame(world, 0x0800);
            byte[] expected = Frames.echo(INSIDE, stranger, false, 5, random(56));
            assertArrayEquals(
                    Arrays.copyOfRange(expected, 34, expected.length), Arrays.copyOfRange(reply, 34, reply.length));
            assertEquals(0, drops.total());
        }
    }

    private static byte[] frame(TapWorld world, int etherType) {
        List<byte[]> frames = new ArrayList<>();
        Batch batch = new Batch();
        EndpointContract.await("a frame of type %04x".formatted(etherType), () -> {
            world.endpoint.poll(batch);
            for (int i = 0; i < batch.size(); i++) {
                if (batch.packet(i).etherType() == etherType) {
                    frames.add(Packets.bytes(batch.packet(i)));
                }
            }
            batch.release();
            return !frames.isEmpty();
        });
        return frames.getFirst();
    }

    @ParameterizedTest
    @MethodSource("offloads")
    void deliversTheSameDatagramsOfASuperframe(Set<TapOffload> offloads) throws LinuxException {
        byte[] payload = random(20 * SEGMENT + 17);
        for (boolean ipv6 : TapWorld.families()) {
            Host from = ipv6 ? TapWorld.OUTSIDE6 : OUTSIDE;
            Host to = ipv6 ? TapWorld.INSIDE6 : INSIDE;
            try (TapWorld world = world(ipv6, offloads)) {
                long before = framesWritten(world);
                accept(world, superframe(from, to, payload));
                assertSame(segments(payload, SEGMENT), datagrams(world, 21));
                accept(world, spread(superframe(from, to, payload)));
                assertSame(segments(payload, SEGMENT), datagrams(world, 21));
                boolean whole = offloads.containsAll(Set.of(TapOffload.CHECKSUM, TapOffload.USO));
                assertEquals(whole ? 2 : 42, framesWritten(world) - before, "frames written");
                assertEquals(0, drops.total());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("offloads")
    void deliversAPartialChecksum(Set<TapOffload> offloads) throws LinuxException {
        try (TapWorld world = world(false, offloads)) {
            byte[] payload = random(99);
            byte[] frame = Frames.partial(OUTSIDE, INSIDE, Frames.UDP, Frames.udpSegment(OUTSIDE, INSIDE, payload));
            accept(world, Packets.frame(pool, frame).checksum(Checksum.PARTIAL));
            assertSame(List.of(payload), datagrams(world, 1));
        }
    }

    @ParameterizedTest
    @MethodSource("offloads")
    void readsDatagramsWithUsableChecksums(Set<TapOffload> offloads) throws LinuxException {
        try (TapWorld world = world(false, offloads)) {
            byte[] payload = random(99);
            world.send(OUTSIDE, payload);
            Packet packet = poll(world);
            byte[] frame = Packets.bytes(packet);
            assertArrayEquals(payload, Frames.udpPayload(frame));
            assertEquals(
                    offloads.contains(TapOffload.CHECKSUM) ? Checksum.PARTIAL : Checksum.UNKNOWN, packet.checksum());
            assertEquals(packet.checksum() == Checksum.UNKNOWN, Frames.hasValidChecksums(frame));
            pool.release(packet);
        }
    }

    @Test
    void readsASuperframeAsOnePacket() throws LinuxException {
        for (boolean ipv6 : TapWorld.families()) {
            Host from = ipv6 ? TapWorld.INSIDE6 : INSIDE;
            Host to = ipv6 ? TapWorld.OUTSIDE6 : OUTSIDE;
            byte[] payload = random(30 * SEGMENT + 5);
            try (TapWorld world = world(ipv6, EnumSet.allOf(TapOffload.class))) {
                assumeTrue(world.tap.offloads().contains(TapOffload.USO), "skipped: this kernel's TAP has no USO");
                sendSegmented(world, from, to, payload);
                Packet packet = poll(world);
                assertEquals(31, packet.wirePackets());
                assertEquals(SEGMENT, packet.segmentSize());
                assertEquals(Checksum.PARTIAL, packet.checksum());
                assertTrue(packet.isContiguous());
                assertArrayEquals(payload, Frames.udpPayload(Packets.bytes(packet)));
                pool.release(packet);
            }
        }
    }

    /** One send with {@code UDP_SEGMENT} inside the namespace. */
    private static void sendSegmented(TapWorld world, Host from, Host to, byte[] payload) throws LinuxException {
        UdpAddress local = UdpAddress.of(from.address(), 0);
        try (UdpSocket socket = world.inside(() -> UdpSocket.open(local.family()));
                SendVector vector = new SendVector(1, 1);
                Arena arena = Arena.ofConfined()) {
            socket.bind(from.address(), 0);
            vector.begin(0, UdpAddress.of(to.address(), to.port()));
            vector.append(0, arena.allocateFrom(ValueLayout.JAVA_BYTE, payload).address(), payload.length);
            vector.control(0, -1, -1, SEGMENT);
            assertEquals(1, vector.send(socket, 0, 1));
        }
    }

    @ParameterizedTest
    @MethodSource("offloads")
    void carriesTcpBothWays(Set<TapOffload> offloads) throws LinuxException, IOException {
        for (boolean ipv6 : TapWorld.families()) {
            Host peer = ipv6 ? TapWorld.OUTSIDE6 : OUTSIDE;
            Host socket = ipv6 ? TapWorld.INSIDE6 : INSIDE;
            try (TapWorld world = world(ipv6, offloads);
                    TcpPeer tcp = new TcpPeer(world, pool, peer, socket)) {
                byte[] down = random(10 * SEGMENT + 77);
                for (int round = 0; round < 3; round++) {
                    assertArrayEquals(down, tcp.deliver(down, SEGMENT));
                }
                byte[] up = random(100_000);
                List<Integer> counts = new ArrayList<>();
                assertArrayEquals(up, tcp.receive(up, counts));
                boolean whole =
                        offloads.containsAll(Set.of(TapOffload.CHECKSUM, ipv6 ? TapOffload.TSO6 : TapOffload.TSO4));
                assertEquals(whole, counts.stream().anyMatch(n -> n > 1), counts::toString);
                assertEquals(0, drops.total());
            }
        }
    }

    @Test
    void keepsSuperframesWithin64Segments() throws LinuxException {
        try (TapWorld world = world()) {
            byte[] payload = random(60_000);
            UdpAddress local = UdpAddress.of(INSIDE.address(), 0);
            try (UdpSocket socket = world.inside(() -> UdpSocket.open(local.family()));
                    SendVector vector = new SendVector(1, 1);
                    Arena arena = Arena.ofConfined()) {
                vector.begin(0, UdpAddress.of(OUTSIDE.address(), 9));
                vector.append(
                        0, arena.allocateFrom(ValueLayout.JAVA_BYTE, payload).address(), payload.length);
                vector.control(0, -1, -1, 500);
                int sent = vector.send(socket, 0, 1);
                assumeTrue(sent == 1, () -> "skipped: this kernel sends at most 64 segments: " + Errno.name(sent));
            }
            int[] segments = {0};
            Batch batch = new Batch();
            EndpointContract.await("120 segments", () -> {
                world.endpoint.poll(batch);
                for (int i = 0; i < batch.size(); i++) {
                    assertTrue(batch.packet(i).wirePackets() <= TapEndpoint.MAX_SEGMENTS);
                    segments[0] += batch.packet(i).wirePackets();
                }
                batch.release();
                return segments[0] >= 120;
            });
            assertEquals(120, segments[0]);
            assertEquals(0, drops.total());
        }
    }

    @Test
    void isRefusedWhileTheInterfaceIsDownAndKeepsItsOffloads() throws LinuxException {
        try (TapWorld world = world()) {
            List<Offload> before = world.endpoint.offloads();
            world.live.ip("link set eth0 down");
            byte[] payload = random(5 * SEGMENT);
            accept(world, superframe(OUTSIDE, INSIDE, payload));
            accept(world, Packets.frame(pool, world.frame(1)));
            assertEquals(6, drops.count(DropReason.ENDPOINT_REFUSED));
            assertEquals(Errno.EIO, world.endpoint.lastErrno());
            assertFalse(world.endpoint.isGone());
            assertEquals(before, world.endpoint.offloads());
            world.live.ip("link set eth0 up");
            accept(world, superframe(OUTSIDE, INSIDE, payload));
            assertSame(segments(payload, SEGMENT), datagrams(world, 5));
            assertEquals(6, drops.total());
        }
    }

    @Test
    void switchesAnOffloadOffThatTheDeviceRefuses() throws LinuxException {
        try (TapWorld world = world()) {
            TapOffloadSwitches switches =
                    new TapOffloadSwitches(world.tap.wantedOffloads(), world.tap.offloads(), TapCheck.none());
            FrameWriter writer = new FrameWriter(new RefusingQueue(world), switches, drops);
            byte[] payload = random(5 * SEGMENT);
            for (int round = 0; round < 2; round++) {
                Batch batch = new Batch();
                batch.add(superframe(OUTSIDE, INSIDE, payload));
                writer.accept(batch);
                assertSame(segments(payload, SEGMENT), datagrams(world, 5));
            }
            writer.close();
            assertEquals(0, drops.total());
            for (Offload offload : switches.offloads()) {
                assertEquals(!offload.name().equals("uso"), offload.enabled(), offload::toString);
                assertEquals(offload.enabled(), offload.reason().isEmpty());
            }
            String reason = switches.offloads().getLast().reason();
            assertEquals(
                    "the device answered EINVAL (invalid argument) to a frame of 5 segments, but took them one by one; "
                            + "it is tried again after 4 s",
                    reason);
        }
    }

    @Test
    void lettingGoOfTheNamespaceEndsTheEndpoint() throws LinuxException {
        try (TapWorld world = world()) {
            assertFalse(world.endpoint.isGone());
            world.takeAway();
            Batch batch = new Batch();
            assertEquals(0, world.endpoint.poll(batch));
            assertTrue(world.endpoint.isGone(), "reading finds out, too");
            assertEquals(Errno.EBADFD, world.endpoint.lastErrno());
        }
    }
}
