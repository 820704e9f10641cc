package dev.peregrine.dataplane.endpoint.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.offload.Segmenter;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Reference;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.dataplane.testing.SeededTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Superframes of every shape that a kernel hands over: their segments are those that the kernel would cut. */
class SuperframeTest {
    private static final int MAX_FRAME = 65_535;
    private static final int NEEDS_CSUM = VirtioNetHeader.NEEDS_CSUM;
    private static final int DATA_VALID = VirtioNetHeader.DATA_VALID;

    private final PacketPool pool = new PacketPool(1, 1);
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment scratch = arena.allocate(ReceivedFrame.MAX_HEADER_BYTES);
    private final Segmenter segmenter = new Segmenter();

    @AfterEach
    void close() {
        assertTrue(pool.isFull());
        pool.close();
        arena.close();
    }

    private static VirtioNetHeader virtio(Packet packet, int flags, int type, int size) {
        VirtioNetHeader virtio = new VirtioNetHeader(packet.memory())
                .wrap(packet.offset() - VirtioNetHeader.LENGTH)
                .clear();
        if (flags == NEEDS_CSUM) {
            virtio.needsChecksum(TransportChecksum.csumStart(packet), TransportChecksum.csumOffset(packet));
        } else {
            packet.setByte(-VirtioNetHeader.LENGTH, flags);
        }
        return virtio.superframe(type, 0, size);
    }

    /** The segments, as whoever sends them makes them. */
    private List<byte[]> segments(Packet packet) {
        int length = segmenter.write(packet, scratch, 0);
        byte[] payload = Packets.bytes(packet);
        byte[][] segments = new byte[packet.wirePackets()][];
        int at = length;
        for (int i = 0; i < segments.length; i++) {
            int size = i == 0 ? packet.headLength() - length : packet.sliceLength(i - 1);
            segments[i] = Arrays.copyOf(
                    scratch.asSlice((long) i * length, length).toArray(ValueLayout.JAVA_BYTE), length + size);
            System.arraycopy(payload, at, segments[i], length, size);
            at += size;
        }
        return List.of(segments);
    }

    @SeededTest
    void segmentsAreThoseThatTheKernelWouldCut() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        for (int i = 0; i < 200; i++) {
            boolean ipv6 = random.nextBoolean();
            boolean tcp = random.nextBoolean();
            FrameBuilder frame = shape(random, ipv6, tcp);
            int size = random.nextBoolean() ? 48 + random.nextInt(1_452) : 48 + random.nextInt(65_447);
            int most = Math.min(MAX_FRAME - 400, (1 + random.nextInt(2_000)) * size);
            frame.payload(1 + random.nextInt(most));
            int flags = new int[] {NEEDS_CSUM, DATA_VALID, 0}[random.nextInt(3)];
            byte[] whole = (flags == NEEDS_CSUM ? frame.partialChecksum() : frame.wrongChecksum()).build();
            check(whole, flags, size, seed + ", frame " + i + " of " + whole.length + ", size " + size);
        }
    }

    private static FrameBuilder shape(SplittableRandom random, boolean ipv6, boolean tcp) {
        FrameBuilder frame = ipv6
                ? tcp ? FrameBuilder.tcp6() : FrameBuilder.udp6()
                : tcp ? FrameBuilder.tcp4() : FrameBuilder.udp4();
        for (int tags = random.nextInt(3); tags > 0; tags--) {
            frame.tag(tags == 1 ? EthernetHeader.VLAN : 0x88a8, random.nextInt(1 << 12));
        }
        if (tcp) {
            frame.tcpOptions(new byte[4 * random.nextInt(11)]);
            frame.flags(0x10 | random.nextInt(2) * 0x80 | random.nextInt(2) * 9);
        }
        if (ipv6 && random.nextBoolean()) {
            frame.extensions(0, extensions(random, tcp ? IpProtocol.TCP : IpProtocol.UDP));
        } else if (!ipv6 && random.nextInt(4) == 0) {
            frame.ipOptions(new byte[4 * random.nextInt(11)]);
        }
        return frame;
    }

    /** A hop-by-hop header, and destination options behind it. */
    private static byte[] extensions(SplittableRandom random, int transport) {
        int further = random.nextInt(7);
        byte[] headers = new byte[8 * (1 + further)];
        for (int i = 0; i <= further; i++) {
            headers[8 * i] = (byte) (i == further ? transport : 60);
            headers[8 * i + 2] = 1;
            headers[8 * i + 3] = 4;
        }
        return headers;
    }

    private void check(byte[] whole, int flags, int size, String where) {
        Packet packet = Packets.frame(pool, whole);
        int type = packet.protocol() == IpProtocol.UDP
                ? VirtioNetHeader.GSO_UDP_L4
                : whole[packet.networkIndex()] >>> 4 == 4 ? VirtioNetHeader.GSO_TCPV4 : VirtioNetHeader.GSO_TCPV6;
        VirtioNetHeader virtio = virtio(packet, flags, type, size);
        List<byte[]> expected = segment(whole, packet, size);
        DropReason refusal = ReceivedFrame.describe(packet, virtio, InterfaceEndpoint.MAX_SEGMENTS);
        if (refusal == null) {
            List<byte[]> segments = segments(packet);
            assertEquals(expected.size(), segments.size(), where);
            for (int i = 0; i < expected.size(); i++) {
                assertArrayEquals(expected.get(i), segments.get(i), where + ", segment " + i);
            }
        } else {
            assertEquals(DropReason.SUPERFRAME_SEGMENTS, refusal, where);
            assertTrue(
                    expected.size() > InterfaceEndpoint.MAX_SEGMENTS
                            || expected.size() * 100 > ReceivedFrame.MAX_HEADER_BYTES / 2,
                    where);
            assertEquals(expected.size(), ReceivedFrame.wirePackets(packet, virtio, whole.length), where);
        }
        pool.release(packet);
    }

    /** By the reference, which knows no extension headers: they are taken out, and put back into each segment. */
    private static List<byte[]> segment(byte[] whole, Packet packet, int size) {
        int network = packet.networkIndex();
        int extensions = whole[network] >>> 4 == 4 ? 0 : packet.transportIndex() - network - 40;
        byte[] plain = whole;
        if (extensions > 0) {
            plain = without(whole, network + 40, extensions);
            plain[network + 6] = (byte) packet.protocol();
        }
        return Reference.segment(plain, network - 14, size).stream()
                .map(segment -> with(segment, whole, network, extensions))
                .toList();
    }

    private static byte[] without(byte[] bytes, int at, int length) {
        byte[] rest = Arrays.copyOf(bytes, bytes.length - length);
        System.arraycopy(bytes, at + length, rest, at, rest.length - at);
        return rest;
    }

    private static byte[] with(byte[] segment, byte[] whole, int network, int extensions) {
        if (extensions == 0) {
            return segment;
        }
        int at = network + 40;
        byte[] bytes = Arrays.copyOf(segment, segment.length + extensions);
        System.arraycopy(segment, at, bytes, at + extensions, segment.length - at);
        System.arraycopy(whole, at, bytes, at, extensions);
        bytes[network + 6] = whole[network + 6];
        Reference.setShort(bytes, network + 4, bytes.length - at);
        return bytes;
    }

    // ---- refused ----------------------------------------------------------------------------------------------

    private void assertRefused(DropReason reason, int wirePackets, byte[] frame, int flags, int type, int size) {
        Packet packet = Packets.frame(pool, frame);
        VirtioNetHeader virtio = virtio(packet, flags, type, size);
        assertEquals(reason, ReceivedFrame.describe(packet, virtio, InterfaceEndpoint.MAX_SEGMENTS));
        assertEquals(wirePackets, ReceivedFrame.wirePackets(packet, virtio, frame.length));
        pool.release(packet);
    }

    @Test
    void refusesWhatItCannotCutUnderAReasonThatSaysWhatToSwitchOff() {
        DropReason reason = DropReason.SUPERFRAME_UNSUPPORTED;
        assertTrue(reason.text().contains("rx-gro-list") && reason.text().contains("tx-udp_tnl-segmentation"));
        FrameBuilder tcp = FrameBuilder.tcp4().payload(3_000);
        assertRefused(reason, 6, tcp.build(), DATA_VALID, VirtioNetHeader.GSO_TCPV6, 500);
        assertRefused(reason, 1, tcp.build(), DATA_VALID, VirtioNetHeader.GSO_TCPV4, 0);
        assertRefused(reason, 7, tcp.fragmentBits(0x2000).build(), DATA_VALID, VirtioNetHeader.GSO_TCPV4, 500);
        byte[] gre = FrameBuilder.ip(47, "10.0.0.1", "10.0.0.2").payload(3_000).build();
        assertRefused(reason, 7, gre, DATA_VALID, VirtioNetHeader.GSO_TCPV4, 500);
        FrameBuilder padded = FrameBuilder.tcp4().payload(3_000).padding(3);
        assertRefused(reason, 7, padded.build(), DATA_VALID, VirtioNetHeader.GSO_TCPV4, 500);
    }

    /** The checksum is over the last address, which the routing header has. */
    @Test
    void refusesARoutingHeaderThatChangesTheChecksum() {
        byte[] routing = {6, 2, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
        byte[] frame = FrameBuilder.tcp6()
                .extensions(43, routing)
                .payload(3_000)
                .wrongChecksum()
                .build();
        assertRefused(DropReason.SUPERFRAME_UNSUPPORTED, 6, frame, NEEDS_CSUM, VirtioNetHeader.GSO_TCPV6, 500);
        Packet packet = Packets.frame(pool, frame);
        VirtioNetHeader virtio = virtio(packet, NEEDS_CSUM, VirtioNetHeader.GSO_NONE, 0);
        int before = packet.getShort(packet.transportIndex() + 16);
        assertNull(ReceivedFrame.describe(packet, virtio, InterfaceEndpoint.MAX_SEGMENTS));
        assertNotEquals(before, packet.getShort(packet.transportIndex() + 16), "completed from what the field held");
        pool.release(packet);
    }

    @Test
    void refusesTooManySegments() {
        byte[] frame = FrameBuilder.tcp4().payload(60_000).build();
        assertRefused(DropReason.SUPERFRAME_SEGMENTS, 2_000, frame, DATA_VALID, VirtioNetHeader.GSO_TCPV4, 30);
    }

    /** The buffer holds but a part of it, or its IP header has no length. */
    @Test
    void refusesBigTcp() {
        byte[] full = Arrays.copyOf(FrameBuilder.tcp4().payload(60_000).build(), PacketPool.ROOM);
        int segments = (PacketPool.ROOM - 14 + 1_447) / 1_448;
        assertRefused(DropReason.SUPERFRAME_TOO_LONG, segments, full, DATA_VALID, VirtioNetHeader.GSO_TCPV4, 1_448);
        assertRefused(
                DropReason.SUPERFRAME_TOO_LONG,
                segments,
                Arrays.copyOf(full, PacketPool.ROOM - 100),
                DATA_VALID,
                VirtioNetHeader.GSO_TCPV4,
                1_448);
    }
}
