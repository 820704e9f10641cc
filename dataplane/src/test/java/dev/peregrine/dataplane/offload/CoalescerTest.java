package dev.peregrine.dataplane.offload;

import static dev.peregrine.dataplane.offload.Tunnel.SIZE;
import static dev.peregrine.dataplane.offload.Tunnel.tcp;
import static dev.peregrine.dataplane.offload.Tunnel.tcp6;
import static dev.peregrine.dataplane.offload.Tunnel.udp;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.packet.Checksum;
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
    private static final int IP = Tunnel.PREFIX_LENGTH + 14;
    private static final int UDP = IP + 20;

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
        Packet packet = tunnel.slots(List.of(tcp(0).build(Tunnel.PREFIX), tcp(1).build(otherVni)));
        assertEquals(2, tunnel.receive(packet).size());
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
    void neverMergesHeadersThatOnlyLookLikeThoseWithoutOptions() {
        List<byte[]> in = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            // Ports that sum up to zero: the header checksum is right with them as options and without.
            byte[] datagram = udp(i).ports(0x1234, 0xedcb).build(Tunnel.PREFIX);
            datagram[IP] = 0x46;
            in.add(withIpChecksum(datagram));
        }
        assertApart(in);
    }

    @Test
    void neverMergesLengthsThatContradictEachOther() {
        for (int wrong = 0; wrong < 2; wrong++) {
            List<byte[]> ipLength = new ArrayList<>();
            List<byte[]> udpLength = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                byte[] datagram = tcp(i).build(Tunnel.PREFIX);
                add(datagram, IP + 2, i == wrong ? -4 : 0);
                ipLength.add(withIpChecksum(datagram));
                datagram = udp(i).build(Tunnel.PREFIX);
                add(datagram, UDP + 4, i == wrong ? -4 : 0);
                add(datagram, UDP + 6, i == wrong ? 4 : 0);
                udpLength.add(datagram);
            }
            assertApart(ipLength);
            assertApart(udpLength);
        }
    }

    @Test
    void neverMergesMoreThanIpv4CanHold() {
        int half = 32_780;
        assertSplits(
                "1 1",
                FrameBuilder.udp4().id(1).payload(half),
                FrameBuilder.udp4().id(2).payload(half));
    }

    @Test
    void neverMergesChecksumsInAFormThatASegmenterDoesNotWrite() {
        assertApart(List.of(withChecksum(udp(0), 0xffff, 0), udp(1).build(Tunnel.PREFIX)));
        assertApart(List.of(udp(0).build(Tunnel.PREFIX), withChecksum(udp(1), 0xffff, 0)));
        assertApart(List.of(tcp(0).build(Tunnel.PREFIX), withChecksum(tcp(1), 0, 0xffff)));
        byte[] first = tcp(0).dontFragment().build(Tunnel.PREFIX);
        add(first, IP + 4, Reference.getShort(first, IP + 10)); // now the header checksum is 0
        byte[] second =
                tcp(1).id(Reference.getShort(first, IP + 4) + 1).dontFragment().build(Tunnel.PREFIX);
        Reference.setShort(first, IP + 10, 0xffff);
        assertApart(List.of(first, second));
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

    // -----------------------------------------------------------------------------------------------------------

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

    private void assertApart(List<byte[]> datagrams) {
        List<Packet> packets = tunnel.receive(datagrams);
        assertEquals(2, packets.size());
        assertArrayEquals(datagrams.get(0), Packets.bytes(packets.get(0)));
        assertArrayEquals(datagrams.get(1), Packets.bytes(packets.get(1)));
    }

    /**
     * Makes {@code computed} the right checksum, by its last two payload bytes, and sends {@code sent} in its place.
     */
    private static byte[] withChecksum(FrameBuilder frame, int computed, int sent) {
        byte[] payload = new byte[SIZE];
        byte[] plain = frame.payload(payload).build();
        int field = plain[23] == 17 ? 40 : 50;
        int sum = Reference.getShort(plain, field) - computed;
        Reference.setShort(payload, SIZE - 2, sum < 0 ? sum + 0xffff : sum);
        byte[] datagram = frame.payload(payload).build(Tunnel.PREFIX);
        assertEquals(computed, Reference.getShort(datagram, Tunnel.PREFIX_LENGTH + field));
        Reference.setShort(datagram, Tunnel.PREFIX_LENGTH + field, sent);
        return datagram;
    }

    private static byte[] withIpChecksum(byte[] datagram) {
        int end = IP + (datagram[IP] & 0xf) * 4;
        Reference.setShort(datagram, IP + 10, 0);
        Reference.setShort(datagram, IP + 10, ~Reference.sum(datagram, IP, end, 0));
        return datagram;
    }

    private static void add(byte[] bytes, int index, int more) {
        Reference.setShort(bytes, index, Reference.getShort(bytes, index) + more);
    }

    /** The output has the given numbers of segments, and cut again gives the frames that went in. */
    private void assertSplits(String segments, FrameBuilder... frames) {
        List<byte[]> in = new ArrayList<>();
        for (FrameBuilder frame : frames) {
            in.add(frame.build(Tunnel.PREFIX));
        }
        StringBuilder counts = new StringBuilder();
        List<byte[]> out = new ArrayList<>();
        for (Packet packet : tunnel.receive(in)) {
            counts.append(counts.isEmpty() ? "" : " ").append(packet.wirePackets());
            out.addAll(tunnel.segment(packet));
        }
        assertEquals(segments, counts.toString());
        List<byte[]> expected = new ArrayList<>();
        for (FrameBuilder frame : frames) {
            expected.add(frame.completed().build(Tunnel.PREFIX));
        }
        Tunnel.assertSame(expected, out);
    }

    /** As an underlay receives small datagrams that the kernel did not merge: a slot of one buffer for each. */
    @Test
    void mergesDatagramsThatLieInSlots() {
        List<byte[]> datagrams = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            datagrams.add(tcp(i).build(Tunnel.PREFIX));
        }
        List<Packet> packets = tunnel.receive(tunnel.slots(datagrams));
        assertEquals(1, packets.size());
        assertEquals(4, packets.getFirst().wirePackets());
        Tunnel.assertSame(datagrams, tunnel.segment(packets.getFirst()));
    }
}
