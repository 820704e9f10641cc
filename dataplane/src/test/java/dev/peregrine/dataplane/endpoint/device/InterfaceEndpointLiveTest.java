package dev.peregrine.dataplane.endpoint.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.endpoint.EndpointContract;
import dev.peregrine.dataplane.endpoint.Frames;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.linux.socket.PacketSocket;
import dev.peregrine.dataplane.linux.socket.SendVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.tun.TapOffload;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An interface endpoint against the kernel, in namespaces of its own. */
@Tag("live")
class InterfaceEndpointLiveTest {
    private static final Frames.Host OUTSIDE = InterfaceWorld.OUTSIDE;
    private static final Frames.Host INSIDE = InterfaceWorld.INSIDE;
    private static final int SEGMENT = 500;

    private final PacketPool pool = new PacketPool(256, 256);
    private final DropCounters drops = new DropCounters();

    @AfterEach
    void close() {
        assertTrue(pool.isFull());
        pool.close();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static void accept(Endpoint endpoint, Packet packet) {
        Batch batch = new Batch();
        batch.add(packet);
        endpoint.accept(batch);
        assertTrue(batch.isEmpty());
    }

    /** Waits for the next packet; the caller releases it. */
    private static Packet poll(Endpoint endpoint) {
        Batch batch = new Batch();
        EndpointContract.await("a packet", () -> endpoint.poll(batch) > 0);
        assertEquals(1, batch.size());
        Packet packet = batch.packet(0);
        batch.clear();
        return packet;
    }

    @Test
    void deliversASuperframeInOneWrite() throws LinuxException {
        try (InterfaceWorld world = new InterfaceWorld(pool, drops)) {
            byte[] payload = random(60 * SEGMENT + 17);
            Packet packet = Packets.frame(
                    pool, Frames.partial(OUTSIDE, INSIDE, Frames.UDP, Frames.udpSegment(OUTSIDE, INSIDE, payload)));
            packet.cut(packet.headLength() - payload.length, SEGMENT).checksum(Checksum.PARTIAL);
            accept(world.endpoint, packet);
            List<byte[]> received = new ArrayList<>();
            EndpointContract.await("61 datagrams", () -> {
                byte[] datagram = world.datagram();
                if (datagram != null) {
                    received.add(datagram);
                }
                return received.size() == 61;
            });
            for (int i = 0; i < received.size(); i++) {
                int end = Math.min(payload.length, (i + 1) * SEGMENT);
                assertArrayEquals(Arrays.copyOfRange(payload, i * SEGMENT, end), received.get(i), "datagram " + i);
            }
            assertEquals(0, drops.total());
        }
    }

    @Test
    void receivesASuperframeAsOnePacket() throws LinuxException {
        try (InterfaceWorld world = new InterfaceWorld(pool, drops)) {
            byte[] payload = random(60 * SEGMENT + 5);
            UdpAddress local = UdpAddress.of(INSIDE.address(), 0);
            try (UdpSocket socket = world.inside(() -> UdpSocket.open(local.family()));
                    SendVector vector = new SendVector(1, 1);
                    Arena arena = Arena.ofConfined()) {
                socket.bind(INSIDE.address(), 0);
                vector.begin(0, UdpAddress.of(OUTSIDE.address(), OUTSIDE.port()));
                vector.append(
                        0, arena.allocateFrom(ValueLayout.JAVA_BYTE, payload).address(), payload.length);
                vector.control(0, -1, -1, SEGMENT);
                assertEquals(1, vector.send(socket, 0, 1));
            }
            Packet packet = poll(world.endpoint);
            assertEquals(61, packet.wirePackets());
            assertEquals(SEGMENT, packet.segmentSize());
            assertEquals(Checksum.PARTIAL, packet.checksum());
            assertArrayEquals(payload, Frames.udpPayload(Packets.bytes(packet)));
            pool.release(packet);
        }
    }

    /**
     * A superframe of {@code rx-gro-list} comes with the checksum of its first segment, which the kernel had verified.
     */
    @Test
    void cutsWhatTheKernelMergedIntoAList() throws LinuxException {
        try (InterfaceWorld world = new InterfaceWorld(pool, drops);
                PacketSocket socket = PacketSocket.open(world.live.netNamespace(), "eth0", 1 << 20);
                Endpoint other = new InterfaceEndpoint(socket, EnumSet.allOf(TapOffload.class), pool, drops)) {
            mergeIntoLists(world.live);
            List<byte[]> sent = new ArrayList<>();
            Batch batch = new Batch();
            for (int i = 0; i < 20; i++) {
                FrameBuilder segment = FrameBuilder.tcp4()
                        .id(77 + i)
                        .sequence(1 + i * SEGMENT)
                        .tcpOptions(new byte[] {1, 1, 1, 1})
                        .payload(i == 19 ? SEGMENT / 2 : SEGMENT);
                sent.add(segment.build());
                batch.add(Packets.frame(pool, segment.build()));
            }
            other.accept(batch);
            List<byte[]> received = new ArrayList<>();
            int[] packets = {0};
            EndpointContract.await("20 segments", () -> {
                world.endpoint.poll(batch);
                packets[0] += batch.size();
                for (int i = 0; i < batch.size(); i++) {
                    received.addAll(Packets.segments(batch.packet(i), 0));
                }
                batch.release();
                return received.size() >= sent.size();
            });
            for (int i = 0; i < sent.size(); i++) {
                assertArrayEquals(sent.get(i), received.get(i), "segment " + i);
            }
            assertTrue(packets[0] < sent.size(), "nothing was merged");
            assertEquals(0, drops.total());
        }
    }

    /** Merging waits for more, or it would depend on when the receiving thread runs. */
    private static void mergeIntoLists(Namespace namespace) {
        namespace.output("ethtool", "-K", "p0", "gro", "on", "rx-gro-list", "on");
        String settings = "cd /sys/class/net/p0; echo 1 > threaded; echo 20000000 > gro_flush_timeout;"
                + " echo 100 > napi_defer_hard_irqs";
        namespace.output("sh", "-c", settings);
    }

    /** The kernel takes the tag out on the way, and would hand over an untagged frame. */
    @Test
    void givesATaggedFrameWithItsTag() throws LinuxException {
        byte[] frame = FrameBuilder.udp4()
                .tag(EthernetHeader.VLAN, 0x2005)
                .payload(100)
                .build();
        assertArrayEquals(frame, fromTheOtherEnd(Packets.frame(pool, frame)));
    }

    @Test
    void givesTwoTagsAndAPartialChecksum() throws LinuxException {
        FrameBuilder builder = FrameBuilder.udp4()
                .tag(EthernetHeader.VLAN, 7)
                .tag(0x88a8, 9)
                .payload(100)
                .partialChecksum();
        byte[] frame = builder.build();
        byte[] received = fromTheOtherEnd(Packets.frame(pool, frame).checksum(Checksum.PARTIAL));
        assertArrayEquals(frame, received);
    }

    /** Sends by an endpoint at the other end of the pair. */
    private byte[] fromTheOtherEnd(Packet packet) throws LinuxException {
        try (InterfaceWorld world = new InterfaceWorld(pool, drops);
                PacketSocket socket = PacketSocket.open(world.live.netNamespace(), "eth0", 1 << 20);
                Endpoint other = new InterfaceEndpoint(socket, EnumSet.allOf(TapOffload.class), pool, drops)) {
            accept(other, packet);
            Packet received = poll(world.endpoint);
            byte[] bytes = Packets.bytes(received);
            pool.release(received);
            assertEquals(0, drops.total());
            return bytes;
        }
    }

    @Test
    void isRefusedWhileTheInterfaceIsDownAndGoesOnAfterwards() throws LinuxException {
        try (InterfaceWorld world = new InterfaceWorld(pool, drops)) {
            world.ip("link set p0 down");
            accept(world.endpoint, Packets.frame(pool, world.frame(1)));
            assertEquals(1, drops.count(DropReason.ENDPOINT_REFUSED));
            assertEquals(Errno.ENETDOWN, world.endpoint.lastErrno());
            Batch batch = new Batch();
            assertEquals(0, world.endpoint.poll(batch));
            assertFalse(world.endpoint.isGone());
            world.ip("link set p0 up");
            world.ip("neigh replace 198.19.0.1 lladdr 02:00:00:00:00:01 dev eth0");
            EndpointContract.await("frame 2", () -> {
                accept(world.endpoint, Packets.frame(pool, world.frame(2)));
                return world.received() == 2;
            });
            world.send(3);
            Packet packet = poll(world.endpoint);
            assertEquals(3, world.number(Packets.bytes(packet)));
            pool.release(packet);
        }
    }

    @Test
    void refusesAFrameLongerThanTheInterfacesMtu() throws LinuxException {
        try (InterfaceWorld world = new InterfaceWorld(pool, drops)) {
            accept(world.endpoint, Packets.frame(pool, Frames.udp(OUTSIDE, INSIDE, new byte[1_500])));
            assertEquals(1, drops.count(DropReason.ENDPOINT_REFUSED));
            assertEquals(Errno.EMSGSIZE, world.endpoint.lastErrno());
        }
    }

    @Test
    void everyFrameIsReceivedOrCountedByTheKernel() throws LinuxException {
        try (InterfaceWorld world = new InterfaceWorld(pool, drops, 1 << 16)) {
            int sent = 2_000;
            for (int i = 0; i < sent; i++) {
                world.send(i);
            }
            int[] received = {0};
            Batch batch = new Batch();
            while (world.endpoint.poll(batch) > 0) {
                received[0] += batch.size();
                batch.release();
            }
            long lost = world.socket.takeDrops();
            assertTrue(lost > 0, "the queue did not overflow");
            assertEquals(sent, received[0] + lost);
            assertEquals(0, world.socket.takeDrops());
        }
    }
}
