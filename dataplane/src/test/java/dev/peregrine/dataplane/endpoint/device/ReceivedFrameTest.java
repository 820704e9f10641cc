package dev.peregrine.dataplane.endpoint.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.endpoint.Frames;
import dev.peregrine.dataplane.endpoint.Frames.Host;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.Packets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReceivedFrameTest {
    private static final Host FROM = TapWorld.INSIDE;
    private static final Host TO = TapWorld.OUTSIDE;
    private static final int UDP_START = 34;
    private static final int UDP_FIELD = 6;

    private final PacketPool pool = new PacketPool(1, 1);

    @AfterEach
    void close() {
        pool.close();
    }

    private static boolean describe(Packet packet, VirtioNetHeader virtio) {
        return ReceivedFrame.describe(packet, virtio, TapEndpoint.MAX_SEGMENTS) == null;
    }

    /** The packet with a virtio header in front of it that a test fills. */
    private static VirtioNetHeader header(Packet packet) {
        return new VirtioNetHeader(packet.memory())
                .wrap(packet.offset() - VirtioNetHeader.LENGTH)
                .clear();
    }

    private static byte[] partialUdp(int payloadLength) {
        byte[] payload = new byte[payloadLength];
        new Random(payloadLength).nextBytes(payload);
        return Frames.partial(FROM, TO, Frames.UDP, Frames.udpSegment(FROM, TO, payload));
    }

    @Test
    void leavesAFrameWithAChecksumUnknown() {
        Packet packet = Packets.frame(pool, Frames.udp(FROM, TO, new byte[20]));
        assertTrue(describe(packet, header(packet)));
        assertEquals(Checksum.UNKNOWN, packet.checksum());
    }

    @Test
    void knowsAChecksumThatTheKernelVerified() {
        Packet packet = Packets.frame(pool, Frames.udp(FROM, TO, new byte[20]));
        VirtioNetHeader header = header(packet);
        packet.setByte(-VirtioNetHeader.LENGTH, VirtioNetHeader.DATA_VALID);
        assertTrue(describe(packet, header));
        assertEquals(Checksum.VERIFIED, packet.checksum());
    }

    @Test
    void takesOverAPartialChecksum() {
        byte[] frame = partialUdp(20);
        Packet packet = Packets.frame(pool, frame);
        assertTrue(describe(packet, header(packet).needsChecksum(UDP_START, UDP_FIELD)));
        assertEquals(Checksum.PARTIAL, packet.checksum());
        assertArrayEquals(frame, Packets.bytes(packet));
    }

    @Test
    void cutsASuperframe() {
        byte[] frame = partialUdp(25);
        Packet packet = Packets.frame(pool, frame);
        VirtioNetHeader header = header(packet)
                .needsChecksum(UDP_START, UDP_FIELD)
                .superframe(VirtioNetHeader.GSO_UDP_L4, 7, 10); // The header length is a hint, and wrong.
        assertTrue(describe(packet, header));
        assertEquals(3, packet.wirePackets());
        assertEquals(10, packet.segmentSize());
        assertEquals(42 + 10, packet.headLength());
        assertEquals(5, packet.sliceLength(1));
        assertEquals(Checksum.PARTIAL, packet.checksum());
        assertArrayEquals(frame, Packets.bytes(packet));
    }

    @Test
    void takesASuperframeOfOneSegmentAsAPlainFrame() {
        Packet packet = Packets.frame(pool, partialUdp(10));
        VirtioNetHeader header =
                header(packet).needsChecksum(UDP_START, UDP_FIELD).superframe(VirtioNetHeader.GSO_UDP_L4, 42, 10);
        assertTrue(describe(packet, header));
        assertFalse(packet.isSuperframe());
        assertEquals(Checksum.PARTIAL, packet.checksum());
    }

    @Test
    void refusesSuperframesThatContradictThemselves() {
        assertFalse(describe(partialUdp(25), UDP_START, UDP_FIELD, VirtioNetHeader.GSO_TCPV4, 10), "TCP says UDP");
        assertFalse(describe(partialUdp(25), UDP_START, UDP_FIELD, VirtioNetHeader.GSO_UDP_L4, 0), "size 0");
        assertFalse(describe(partialUdp(25), UDP_START, UDP_FIELD, 3, 10), "UDP fragmentation offload");
        assertFalse(describe(partialUdp(25), 14, UDP_FIELD, VirtioNetHeader.GSO_UDP_L4, 10), "another checksum");
        assertFalse(describe(partialUdp(65), UDP_START, UDP_FIELD, VirtioNetHeader.GSO_UDP_L4, 1), "65 segments");
        assertTrue(describe(partialUdp(64), UDP_START, UDP_FIELD, VirtioNetHeader.GSO_UDP_L4, 1), "64 segments");
    }

    private boolean describe(byte[] frame, int start, int field, int type, int size) {
        Packet packet = Packets.frame(pool, frame);
        boolean described =
                describe(packet, header(packet).needsChecksum(start, field).superframe(type, 42, size));
        pool.release(packet);
        return described;
    }

    /** As for a tunnel in the workload, whose innermost checksum the kernel left open. */
    @Test
    void completesAChecksumThatDissectionDoesNotFind() {
        byte[] inner = partialUdp(33);
        byte[] segment = Frames.udpSegment(FROM.port(5_000), TO.port(4_789), inner);
        byte[] frame = Frames.partial(FROM, TO, Frames.UDP, segment);
        Frames.putShort(frame, UDP_START + UDP_FIELD, 0); // The outer one has none.
        Packet packet = Packets.frame(pool, frame);
        int innerStart = UDP_START + 8 + UDP_START;
        assertTrue(describe(packet, header(packet).needsChecksum(innerStart, UDP_FIELD)));
        assertEquals(Checksum.UNKNOWN, packet.checksum());
        byte[] completed = Packets.bytes(packet);
        assertTrue(Frames.hasValidChecksums(Arrays.copyOfRange(completed, UDP_START + 8, completed.length)));
    }

    @Test
    void refusesAChecksumOutsideTheFrame() {
        assertFalse(describe(partialUdp(4), 45, 2, VirtioNetHeader.GSO_NONE, 0));
        assertFalse(describe(partialUdp(4), 0xffff, 0xffff, VirtioNetHeader.GSO_NONE, 0));
        assertTrue(describe(partialUdp(4), 44, 0, VirtioNetHeader.GSO_NONE, 0));
    }

    @Test
    void refusesWhatIsTooShortForEthernet() {
        Packet packet = Packets.frame(pool, new byte[13]);
        assertFalse(describe(packet, header(packet)));
    }
}
