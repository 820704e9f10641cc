package dev.peregrine.dataplane.offload;

import static dev.peregrine.dataplane.offload.Tunnel.SIZE;
import static dev.peregrine.dataplane.offload.Tunnel.tcp;
import static dev.peregrine.dataplane.offload.Tunnel.tcp6;
import static dev.peregrine.dataplane.offload.Tunnel.udp;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Reference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The coalescer's work apart from merging: single packets, large frames, counting. */
class CoalescerOutputTest {

    private final Tunnel tunnel = Tunnel.merging();

    @AfterEach
    void close() {
        tunnel.close();
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
        packet.inPort(9).outerTos(3).outerTtl(62).mark(5);
        for (Packet out : tunnel.receive(packet)) {
            assertEquals(9, out.inPort());
            assertEquals(3, out.outerTos());
            assertEquals(62, out.outerTtl());
            assertEquals(5, out.mark());
        }
    }

    @Test
    void passesOrCountsWhatIsNoFrame() {
        byte[] tiny = {8, 0, 0};
        assertArrayEquals(tiny, Packets.bytes(tunnel.receive(List.of(tiny)).getFirst()));
        assertEquals(1, tunnel.receive(List.of(new byte[0])).size());
        assertEquals(0, tunnel.receive(List.of(tiny, tiny, new byte[1])).size());
        assertEquals(3, tunnel.drops.count(DropReason.SUPERFRAME_UNSUPPORTED), "has no tunnel header to tell it by");
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
            Tunnel.assertSame(
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
        assertEquals(2, tunnel.receive(List.of(tooLong)).getFirst().wirePackets());
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
            assertEquals(10, packet.wirePackets());
            assertEquals(1_300, packet.segmentSize());
            assertEquals(Checksum.PARTIAL, packet.checksum());
            Tunnel.assertSame(Reference.segment(frame, Tunnel.PREFIX_LENGTH, 1_300), tunnel.segment(packet));
        }
    }

    @Test
    void dropsAFrameInPiecesThatCannotBeCut() {
        for (FrameBuilder large : List.of(
                udp(0).wrongChecksum(),
                udp(0).zeroChecksum(),
                udp(0).partialChecksum().wrongIpChecksum(),
                udp(0).partialChecksum().fragmentBits(0x2000))) {
            long before = tunnel.drops.total();
            byte[] frame = large.payload(13_000).build(Tunnel.PREFIX);
            List<Packet> packets = tunnel.receive(Packets.pieces(Packets.of(tunnel.pool, frame), 1_300));
            assertEquals(List.of(), packets);
            assertEquals(before + 11, tunnel.drops.count(DropReason.SUPERFRAME_UNSUPPORTED));
        }
    }

    /** As full-size segments of one network are, where another has a smaller MTU. */
    @Test
    void cutsByTheMtuOfTheNetworkAlone() {
        for (int mtu : new int[] {576, 1450}) {
            byte[] prefix = Tunnel.prefix(mtu == 576 ? Tunnel.NETWORK_43 : Tunnel.NETWORK_42);
            FrameBuilder fits = tcp(0).payload(mtu - 40);
            assertFalse(tunnel.receive(List.of(fits.build(prefix))).getFirst().isSuperframe());
            FrameBuilder tagged = tcp(0).tag(EthernetHeader.VLAN, 7).payload(mtu - 40);
            assertFalse(tunnel.receive(List.of(tagged.build(prefix))).getFirst().isSuperframe());
            Packet cut = tunnel.receive(List.of(tcp(0).payload(mtu - 39).build(prefix)))
                    .getFirst();
            assertEquals(2, cut.wirePackets());
            assertEquals(mtu - 40, cut.segmentSize());
        }
        byte[] unknown = Tunnel.prefix(Tunnel.NETWORK_42 + 0x200);
        assertFalse(tunnel.receive(List.of(tcp(0).payload(9_000).build(unknown)))
                .getFirst()
                .isSuperframe());
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

    private void assertUncut(FrameBuilder frame) {
        byte[] datagram = frame.build(Tunnel.PREFIX);
        Packet packet = tunnel.receive(List.of(datagram)).getFirst();
        assertFalse(packet.isSuperframe());
        assertArrayEquals(datagram, Packets.bytes(packet));
    }
}
