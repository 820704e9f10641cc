package dev.peregrine.dataplane.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Reference;
import dev.peregrine.dataplane.testing.Seed;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SegmenterTest {
    private static final int ALL_FLAGS = TcpHeader.CWR | TcpHeader.ECE | TcpHeader.ACK | TcpHeader.PSH | TcpHeader.FIN;

    private final Tunnel tunnel = Tunnel.merging();

    @AfterEach
    void close() {
        tunnel.close();
    }

    @Test
    void cutsLikeThePlainImplementation() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        for (int i = 0; i < 2_000; i++) {
            byte[] options = new byte[random.nextInt(11) * 4];
            random.nextBytes(options);
            byte[] payload = new byte[1 + random.nextInt(random.nextInt(10) == 0 ? 60_000 : 2_000)];
            random.nextBytes(payload);
            FrameBuilder builder = List.of(
                            FrameBuilder.tcp4(), FrameBuilder.tcp6(), FrameBuilder.udp4(), FrameBuilder.udp6())
                    .get(random.nextInt(4));
            byte[] frame = builder.id(random.nextInt(65_536))
                    .sequence(random.nextInt())
                    .flags(random.nextInt(256))
                    .tcpOptions(options)
                    .payload(payload)
                    .partialChecksum()
                    .build(Tunnel.PREFIX);
            int segmentSize = 1 + random.nextInt(1_500);
            if (payload.length > segmentSize * 300) {
                segmentSize = 1_000;
            }
            assertCut(frame, segmentSize, seed);
        }
    }

    @Test
    void cutsBehindIpv4OptionsToo() {
        byte[] frame = FrameBuilder.tcp4()
                .ipOptions(new byte[] {1, 1, 1, 1})
                .payload(5_000)
                .build(Tunnel.PREFIX);
        assertCut(frame, 1_300, "options");
    }

    @Test
    void setsFlagsWhereTheyBelong() {
        byte[] frame = FrameBuilder.tcp4().flags(ALL_FLAGS).payload(300).build(Tunnel.PREFIX);
        List<byte[]> segments = assertCut(frame, 100, "flags");
        int flags = Tunnel.PREFIX_LENGTH + 14 + 20 + 13;
        assertEquals(TcpHeader.CWR | TcpHeader.ECE | TcpHeader.ACK, segments.get(0)[flags] & 0xff);
        assertEquals(TcpHeader.ECE | TcpHeader.ACK, segments.get(1)[flags] & 0xff);
        assertEquals(TcpHeader.ECE | TcpHeader.ACK | TcpHeader.PSH | TcpHeader.FIN, segments.get(2)[flags] & 0xff);
    }

    @Test
    void wrapsTheIdentification() {
        byte[] frame = FrameBuilder.udp4().id(0xffff).payload(300).build(Tunnel.PREFIX);
        List<byte[]> segments = assertCut(frame, 100, "id");
        assertEquals(0, Reference.getShort(segments.get(1), Tunnel.PREFIX_LENGTH + 14 + 4));
    }

    @Test
    void completesAPlainFrameAndNothingElse() {
        for (FrameBuilder builder : List.of(
                FrameBuilder.tcp4().payload(99),
                FrameBuilder.udp6().payload(99).padding(3),
                FrameBuilder.tcp4().payload(0),
                FrameBuilder.udp4().payload(98).wrongIpChecksum())) {
            byte[] expected = builder.build(Tunnel.PREFIX);
            Packet packet = tunnel.receive(builder.partialChecksum()).getFirst();
            assertEquals(Checksum.PARTIAL, packet.checksum());
            assertArrayEquals(expected, tunnel.segment(packet).getFirst());
        }
    }

    @Test
    void findsHeadersThatMovedSinceDissection() {
        byte[] frame = FrameBuilder.udp6().payload(400).partialChecksum().build(Tunnel.PREFIX);
        Packet packet = superframe(frame, 100);
        packet.pull(Tunnel.PREFIX_LENGTH).push(Tunnel.PREFIX_LENGTH);
        assertFrames(Reference.segment(frame, Tunnel.PREFIX_LENGTH, 100), tunnel.segment(packet), "moved");
        tunnel.pool.release(packet);
    }

    @Test
    void writesNothingForWhatItCannotCut() {
        Packet packet = Packets.frame(tunnel.pool, FrameBuilder.echo4().build());
        assertTrue(new Segmenter().write(packet, MemorySegment.NULL, 0) < 0);
        tunnel.pool.release(packet);
    }

    private List<byte[]> assertCut(byte[] frame, int segmentSize, Object hint) {
        Packet packet = superframe(frame, segmentSize);
        List<byte[]> segments = tunnel.segment(packet);
        assertFrames(Reference.segment(frame, Tunnel.PREFIX_LENGTH, segmentSize), segments, hint);
        tunnel.pool.release(packet);
        for (byte[] segment : segments) {
            assertVerifies(segment, hint);
        }
        return segments;
    }

    private void assertVerifies(byte[] segment, Object hint) {
        Packet packet = Packets.of(tunnel.pool, segment);
        Dissector.dissect(packet, Tunnel.PREFIX_LENGTH);
        assertTrue(TransportChecksum.verify(packet), hint::toString);
        tunnel.pool.release(packet);
    }

    private Packet superframe(byte[] frame, int segmentSize) {
        PacketPool pool = tunnel.pool;
        Packet packet = Packets.of(pool, frame);
        Dissector.dissect(packet, Tunnel.PREFIX_LENGTH);
        packet.checksum(Checksum.PARTIAL);
        return packet.cut(Dissector.payloadIndex(packet), segmentSize);
    }

    private static void assertFrames(List<byte[]> expected, List<byte[]> actual, Object hint) {
        assertEquals(expected.size(), actual.size(), hint::toString);
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), hint.toString());
        }
    }
}
