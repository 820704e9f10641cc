package dev.peregrine.dataplane.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CoalescerTest {
    private static final int SIZE = 100;

    private final Tunnel tunnel = Tunnel.merging();

    @AfterEach
    void close() {
        tunnel.close();
    }

    // ---- what merges ------------------------------------------------------------------------------------------

    @Test
    void mergesTcpSegmentsInSequence() {
        assertMerges(tcp(0), tcp(1), tcp(2).payload(40));
    }

    @Test
    void mergesTcpOverIpv6() {
        assertMerges(tcp6(0), tcp6(1), tcp6(2).payload(1));
    }

    @Test
    void mergesUdpOverBothFamilies() {
        assertMerges(udp(0), udp(1), udp(2).payload(7));
        assertMerges(FrameBuilder.udp6().payload(SIZE), FrameBuilder.udp6().payload(SIZE));
    }

    @Test
    void mergesWithEqualTcpOptions() {
        byte[] options = {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2};
        assertMerges(tcp(0).tcpOptions(options), tcp(1).tcpOptions(options));
    }

    @Test
    void mergesConstantIdentificationWithDontFragment() {
        assertMerges(
                tcp(0).id(0).dontFragment(),
                tcp(1).id(0).dontFragment(),
                tcp(2).id(0).dontFragment());
    }

    @Test
    void mergesIdentificationsThatWrap() {
        assertMerges(udp(0).id(0xffff), udp(1).id(0));
    }

    @Test
    void mergesSequenceNumbersThatWrap() {
        assertMerges(tcp(0).sequence(-SIZE), tcp(1).sequence(0));
    }

    @Test
    void mergesWithCongestionEcho() {
        int flags = TcpHeader.ACK | TcpHeader.ECE;
        assertMerges(tcp(0).flags(flags), tcp(1).flags(flags));
    }

    @Test
    void endsARunWithPushOrFin() {
        int push = TcpHeader.ACK | TcpHeader.PSH;
        assertSplits("2 1", tcp(0), tcp(1).flags(push), tcp(2));
        assertSplits("2 1", tcp(0), tcp(1).flags(TcpHeader.ACK | TcpHeader.FIN), tcp(2));
        assertSplits("1 2", tcp(0).flags(push), tcp(1), tcp(2));
        List<Packet> packets = tunnel.receive(tcp(0), tcp(1).flags(push));
        assertEquals(push, packets.getFirst().getByte(Tunnel.PREFIX_LENGTH + 14 + 20 + 13));
    }

    @Test
    void beginsANewRunAfterOneThatCannotGoOn() {
        assertSplits("2 2", tcp(0), tcp(1), tcp(5), tcp(6));
    }

    @Test
    void mergesBarePseudoHeaderSumsAndRightChecksums() {
        assertMerges(tcp(0).partialChecksum(), tcp(1), tcp(2).partialChecksum());
    }

    @Test
    void mergesAtMost64Segments() {
        FrameBuilder[] frames = new FrameBuilder[65];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = udp(i);
        }
        assertSplits("64 1", frames);
    }

    @Test
    void writesTheSuperframesHeaders() {
        Packet packet = tunnel.receive(udp(0), udp(1), udp(2).payload(7)).getFirst();
        packet.pull(Tunnel.PREFIX_LENGTH);
        byte[] expected = FrameBuilder.udp4()
                .id(1)
                .payload(Packets.concatenate(List.of(payload(SIZE), payload(SIZE), payload(7))))
                .partialChecksum()
                .build();
        assertArrayEquals(expected, Packets.bytes(packet));
        assertEquals(Checksum.PARTIAL, packet.checksum());
        assertEquals(SIZE, packet.segmentSize());
        assertEquals(34, packet.transportIndex());
        assertNotEquals(0, packet.flowHash());
    }

    // ---- what does not ----------------------------------------------------------------------------------------

    @Test
    void neverMergesAcrossAChangedHeader() {
        assertApart(tcp(0), tcp(1).tos(2));
        assertApart(tcp(0), tcp(1).ttl(63));
        assertApart(tcp(0), tcp(1).dontFragment());
        assertApart(tcp(0), tcp(1).fragmentBits(0x8000));
        assertApart(tcp(0), tcp(1).addresses("198.19.0.1", "198.19.0.3"));
        assertApart(tcp(0), tcp(1).ports(40_001, 5_201));
        assertApart(tcp(0), tcp(1).macs(0x02_00_00_00_00_02L, 0x02_00_00_00_00_03L));
        assertApart(tcp(0), tcp(1).acknowledgment(2));
        assertApart(tcp(0), tcp(1).window(513));
        assertApart(tcp(0), tcp(1).urgentPointer(1));
        assertApart(tcp(0).tcpOptions(new byte[] {1, 1, 1, 1}), tcp(1).tcpOptions(new byte[] {1, 1, 1, 0}));
        assertApart(tcp6(0), tcp6(1).tos(1));
        assertApart(tcp6(0), tcp6(1).ttl(1));
    }

    @Test
    void neverMergesAcrossAChangedTunnelHeader() {
        byte[] otherVni = Tunnel.PREFIX.clone();
        otherVni[6] = 43;
        List<Packet> packets = tunnel.receive(List.of(udp(0).build(Tunnel.PREFIX), udp(1).build(otherVni)));
        assertEquals(2, packets.size());
    }

    @Test
    void neverMergesOutOfSequence() {
        assertApart(tcp(0), tcp(2));
        assertApart(tcp(1), tcp(0));
        assertApart(tcp(0), tcp(0));
    }

    @Test
    void neverMergesIdentificationsThatJumpOrRepeat() {
        assertApart(udp(0).id(5), udp(1).id(7));
        assertApart(udp(0).id(5), udp(1).id(5));
        assertSplits("2 1", udp(0).id(5), udp(1).id(6), udp(2).id(6));
        assertSplits(
                "2 1",
                udp(0).id(5).dontFragment(),
                udp(1).id(5).dontFragment(),
                udp(2).id(6).dontFragment());
    }

    @Test
    void neverMergesOtherTcpFlags() {
        for (int flag : new int[] {TcpHeader.SYN, TcpHeader.RST, TcpHeader.URG, TcpHeader.CWR}) {
            assertApart(tcp(0).flags(TcpHeader.ACK | flag), tcp(1).flags(TcpHeader.ACK | flag));
            assertApart(tcp(0), tcp(1).flags(TcpHeader.ACK | flag));
        }
        assertApart(tcp(0).flags(0), tcp(1).flags(0));
        assertApart(tcp(0), tcp(1).flags(TcpHeader.ACK | TcpHeader.ECE));
    }

    @Test
    void neverMergesWithoutPayload() {
        assertApart(tcp(0).payload(0), tcp(0).id(2).payload(0));
        assertApart(udp(0).payload(0), udp(1).payload(0));
        assertSplits("1 1", tcp(0), tcp(1).payload(0));
    }

    @Test
    void neverMergesFragmentsOptionsTagsOrExtensionHeaders() {
        assertApart(udp(0).fragmentBits(0x2000), udp(1).fragmentBits(0x2000));
        assertApart(udp(0).fragmentBits(3), udp(1).fragmentBits(3));
        assertApart(udp(0).ipOptions(new byte[] {1, 1, 1, 1}), udp(1).ipOptions(new byte[] {1, 1, 1, 1}));
        assertApart(udp(0).tag(0x8100, 5), udp(1).tag(0x8100, 5));
        byte[] options = {17, 0, 1, 4, 0, 0, 0, 0};
        assertApart(
                FrameBuilder.udp6().extensions(60, options).payload(SIZE),
                FrameBuilder.udp6().extensions(60, options).payload(SIZE));
    }

    @Test
    void neverMergesPaddedFrames() {
        assertApart(udp(0).payload(4).padding(14), udp(1).payload(4).padding(14));
    }

    @Test
    void neverMergesOtherProtocols() {
        assertApart(
                FrameBuilder.echo4().id(1).payload(SIZE),
                FrameBuilder.echo4().id(2).payload(SIZE));
        assertApart(FrameBuilder.echo6().payload(SIZE), FrameBuilder.echo6().payload(SIZE));
    }

    @Test
    void neverMergesUdpWithoutChecksum() {
        assertApart(udp(0).zeroChecksum(), udp(1).zeroChecksum());
        assertApart(udp(0), udp(1).zeroChecksum());
        assertApart(udp(0).zeroChecksum(), udp(1));
    }

    @Test
    void neverReplacesAWrongChecksum() {
        assertApart(tcp(0).wrongChecksum(), tcp(1));
        assertApart(tcp(0), tcp(1).wrongChecksum());
        assertSplits("1 2", udp(0).wrongChecksum(), udp(1), udp(2));
        assertSplits("1 1 1", udp(0), udp(1).wrongChecksum(), udp(2));
        assertApart(tcp(0).wrongIpChecksum(), tcp(1));
        assertApart(tcp(0), tcp(1).wrongIpChecksum());
    }

    @Test
    void mergesNothingWhenSwitchedOff() {
        try (Tunnel off = new Tunnel(new PacketPool(4, 64), false)) {
            List<Packet> packets = off.receive(udp(0), udp(1), udp(2));
            assertEquals(3, packets.size());
        }
    }

    // ---- what single packets are ------------------------------------------------------------------------------

    @Test
    void passesSinglePacketsDissectedAndUntouched() {
        byte[] first = udp(0).build(Tunnel.PREFIX);
        byte[] second = udp(7).build(Tunnel.PREFIX);
        List<Packet> packets = tunnel.receive(List.of(first, second));
        assertArrayEquals(first, Packets.bytes(packets.get(0)));
        assertArrayEquals(second, Packets.bytes(packets.get(1)));
        assertEquals(Tunnel.PREFIX_LENGTH + 34, packets.get(1).transportIndex());
        assertEquals(Checksum.UNKNOWN, packets.get(1).checksum());
        assertEquals(packets.get(0).flowHash(), packets.get(1).flowHash());
        assertEquals(77, tunnel.sink.nowNanos());
    }

    @Test
    void noticesBarePseudoHeaderSums() {
        assertEquals(
                Checksum.PARTIAL,
                tunnel.receive(udp(0).partialChecksum()).getFirst().checksum());
        List<Packet> packets = tunnel.receive(udp(0).partialChecksum(), udp(9));
        assertEquals(Checksum.PARTIAL, packets.get(0).checksum());
        assertEquals(Checksum.UNKNOWN, packets.get(1).checksum());
    }

    @Test
    void keepsNeighboursInABufferApart() {
        List<Packet> packets = tunnel.receive(udp(0), udp(5), udp(9));
        Packet middle = packets.get(1);
        assertEquals(0, middle.headroom());
        assertEquals(0, middle.tailroom());
        assertEquals(0, packets.get(0).tailroom());
        assertEquals(PacketPool.HEADROOM, packets.get(0).headroom());
        middle.pull(Tunnel.PREFIX_LENGTH);
        assertEquals(Tunnel.PREFIX_LENGTH, middle.headroom());
    }

    @Test
    void inheritsMetadata() {
        Packet packet =
                Packets.aggregate(tunnel.pool, List.of(udp(0).build(Tunnel.PREFIX), udp(5).build(Tunnel.PREFIX)));
        packet.inPort(9).outerTos(3).outerTtl(62).receiveNanos(5);
        for (Packet out : tunnel.receive(packet)) {
            assertEquals(9, out.inPort());
            assertEquals(3, out.outerTos());
            assertEquals(62, out.outerTtl());
            assertEquals(5, out.receiveNanos());
        }
    }

    @Test
    void passesWhatIsNoFrame() {
        byte[] tiny = {8, 0, 0};
        assertArrayEquals(tiny, Packets.bytes(tunnel.receive(List.of(tiny)).getFirst()));
        assertEquals(3, tunnel.receive(List.of(tiny, tiny, new byte[1])).size());
        assertEquals(1, tunnel.receive(List.of(new byte[0])).size());
    }

    // ---- large frames -----------------------------------------------------------------------------------------

    @Test
    void cutsALargeTcpSegmentToTheMtu() {
        for (FrameBuilder large : List.of(tcp(0), tcp6(0), tcp(0).partialChecksum(), tcp6(0).partialChecksum())) {
            byte[] datagram = large.tcpOptions(new byte[12]).payload(60_000).build(Tunnel.PREFIX);
            Packet packet = tunnel.receive(List.of(datagram)).getFirst();
            assertTrue(packet.isSuperframe());
            assertEquals(Checksum.PARTIAL, packet.checksum());
            assertEquals(Tunnel.PREFIX_LENGTH + Tunnel.SEGMENT_LENGTH, packet.headLength());
            assertFrames(
                    Reference.segment(datagram, Tunnel.PREFIX_LENGTH, packet.segmentSize()), tunnel.segment(packet));
        }
    }

    @Test
    void cutsNoFrameThatFits() {
        byte[] fits =
                tcp(0).payload(Tunnel.SEGMENT_LENGTH - 54).partialChecksum().build(Tunnel.PREFIX);
        assertFalse(tunnel.receive(List.of(fits)).getFirst().isSuperframe());
        byte[] tooLong =
                tcp(0).payload(Tunnel.SEGMENT_LENGTH - 53).partialChecksum().build(Tunnel.PREFIX);
        assertEquals(2, tunnel.receive(List.of(tooLong)).getFirst().segments());
    }

    @Test
    void cutsNothingWhoseChecksumIsWrong() {
        assertUncut(tcp(0).payload(5_000).wrongChecksum());
        assertUncut(tcp(0).payload(5_000).partialChecksum().wrongIpChecksum());
        assertUncut(tcp(0).payload(5_000).fragmentBits(0x2000).partialChecksum());
        assertUncut(tcp(0).payload(5_000).padding(3).partialChecksum());
        assertUncut(udp(0).payload(5_000).partialChecksum());
    }

    @Test
    void cutsAFrameInPiecesByItsInnerSegmentSize() {
        for (FrameBuilder large : List.of(udp(0), FrameBuilder.udp6())) {
            byte[] frame = large.payload(13_000).partialChecksum().build(Tunnel.PREFIX);
            Packet pieces = Packets.pieces(Packets.of(tunnel.pool, frame), 1_300);
            Packet packet = tunnel.receive(pieces).getFirst();
            assertEquals(10, packet.segments());
            assertEquals(1_300, packet.segmentSize());
            assertEquals(Checksum.PARTIAL, packet.checksum());
            assertFrames(Reference.segment(frame, Tunnel.PREFIX_LENGTH, 1_300), tunnel.segment(packet));
        }
    }

    @Test
    void leavesAFrameInPiecesWholeWhenItsChecksumIsWrongOrMissing() {
        for (FrameBuilder large : List.of(udp(0).wrongChecksum(), udp(0).zeroChecksum())) {
            byte[] frame = large.payload(13_000).build(Tunnel.PREFIX);
            Packet packet = tunnel.receive(Packets.pieces(Packets.of(tunnel.pool, frame), 1_300))
                    .getFirst();
            assertFalse(packet.isSuperframe());
            assertArrayEquals(frame, Packets.bytes(packet));
            assertEquals(Checksum.UNKNOWN, packet.checksum());
        }
    }

    // ---- counting ---------------------------------------------------------------------------------------------

    @Test
    void countsSegmentsAndWireBytes() {
        tunnel.receive(udp(0), udp(1), udp(2).payload(7));
        tunnel.receive(udp(0), udp(5));
        assertEquals(2, tunnel.counters.batches());
        assertEquals(3, tunnel.counters.packets());
        assertEquals(5, tunnel.counters.segments());
        assertEquals(5 * 50 + 4 * SIZE + 7, tunnel.counters.bytes());
        assertEquals(0, tunnel.counters.drops());
    }

    @Test
    void dropsAndCountsWhatFindsNoPacket() {
        try (Tunnel narrow = new Tunnel(new PacketPool(2, 2), true)) {
            List<Packet> packets = narrow.receive(udp(0), udp(5), udp(6), udp(9), udp(12));
            assertEquals(2, packets.size());
            assertEquals(3, narrow.drops.count(DropReason.POOL_EMPTY));
            assertEquals(3, narrow.counters.drops());
            assertEquals(5, narrow.counters.segments());
            assertArrayEquals(udp(12).build(Tunnel.PREFIX), Packets.bytes(packets.get(1)));
        }
    }

    @Test
    void passesMoreThanABatchHolds() {
        List<Packet> aggregates = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            List<byte[]> datagrams = new ArrayList<>();
            for (int k = 0; k < 60; k++) {
                datagrams.add(udp(k * 2).build(Tunnel.PREFIX));
            }
            aggregates.add(Packets.aggregate(tunnel.pool, datagrams));
        }
        assertEquals(180, tunnel.receive(aggregates.toArray(Packet[]::new)).size());
        assertEquals(3, tunnel.sink.batches());
    }

    // -----------------------------------------------------------------------------------------------------------

    private static FrameBuilder tcp(int position) {
        return FrameBuilder.tcp4()
                .id(1 + position)
                .sequence(1_000 + position * SIZE)
                .payload(SIZE);
    }

    private static FrameBuilder tcp6(int position) {
        return FrameBuilder.tcp6().sequence(1_000 + position * SIZE).payload(SIZE);
    }

    private static FrameBuilder udp(int position) {
        return FrameBuilder.udp4().id(1 + position).payload(SIZE);
    }

    private static byte[] payload(int length) {
        byte[] frame = FrameBuilder.udp4().payload(length).build();
        return Arrays.copyOfRange(frame, 42, frame.length);
    }

    private void assertMerges(FrameBuilder... frames) {
        assertSplits(Integer.toString(frames.length), frames);
    }

    private void assertApart(FrameBuilder first, FrameBuilder second) {
        assertSplits("1 1", first, second);
    }

    private void assertUncut(FrameBuilder frame) {
        byte[] datagram = frame.build(Tunnel.PREFIX);
        Packet packet = tunnel.receive(List.of(datagram)).getFirst();
        assertFalse(packet.isSuperframe());
        assertArrayEquals(datagram, Packets.bytes(packet));
    }

    /** What comes out has the given numbers of segments, and cut again gives the frames that went in. */
    private void assertSplits(String segments, FrameBuilder... frames) {
        List<byte[]> in = new ArrayList<>();
        for (FrameBuilder frame : frames) {
            in.add(frame.build(Tunnel.PREFIX));
        }
        StringBuilder counts = new StringBuilder();
        List<byte[]> out = new ArrayList<>();
        for (Packet packet : tunnel.receive(in)) {
            counts.append(counts.isEmpty() ? "" : " ").append(packet.segments());
            out.addAll(tunnel.segment(packet));
        }
        assertEquals(segments, counts.toString());
        List<byte[]> expected = new ArrayList<>();
        for (FrameBuilder frame : frames) {
            expected.add(frame.completed().build(Tunnel.PREFIX));
        }
        assertFrames(expected, out);
    }

    private static void assertFrames(List<byte[]> expected, List<byte[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            byte[] left = withoutFixedId(expected.get(i));
            byte[] right = withoutFixedId(actual.get(i));
            assertArrayEquals(left, right, "segment " + i);
        }
    }

    /** Blanks IPv4 identification and header checksum of a datagram with don't-fragment. */
    private static byte[] withoutFixedId(byte[] datagram) {
        byte[] bytes = datagram.clone();
        int ip = Tunnel.PREFIX_LENGTH + 14;
        if (bytes.length > ip + 20 && bytes[ip] == 0x45 && (bytes[ip + 6] & 0x40) != 0) {
            Reference.setShort(bytes, ip + 4, 0);
            Reference.setShort(bytes, ip + 10, 0);
        }
        return bytes;
    }
}
