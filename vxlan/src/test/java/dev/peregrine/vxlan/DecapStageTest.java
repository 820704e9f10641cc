package dev.peregrine.vxlan;

import static dev.peregrine.dataplane.packet.DropReason.INNER_HEADER_INVALID;
import static dev.peregrine.dataplane.packet.DropReason.INNER_VLAN_TAGGED;
import static dev.peregrine.dataplane.packet.DropReason.IP_TUNNEL_ECN;
import static dev.peregrine.dataplane.packet.DropReason.VTEP_NOT_ALLOWED;
import static dev.peregrine.dataplane.packet.DropReason.VTEP_TABLE_FULL;
import static dev.peregrine.dataplane.packet.DropReason.VXLAN_INVALID_HDR;
import static dev.peregrine.dataplane.packet.DropReason.VXLAN_TRUNCATED;
import static dev.peregrine.dataplane.packet.DropReason.VXLAN_VNI_NOT_FOUND;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.vxlan.TunnelSettings.EncapEcn;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecapStageTest {
    private static final int PLAIN = 42;
    private static final int TAGGED = 43;
    private static final int NOT_ECT = 0;
    private static final int ECT_1 = 1;
    private static final int ECT_0 = 2;
    private static final int CE = 3;
    private static final int DROP = -1;
    private static final TunnelSettings STRICT =
            new TunnelSettings(VxlanHeader.RESERVED_MASK, EncapEcn.RFC6040, TunnelSettings.INHERIT, 64);

    private final PacketPool pool = new PacketPool(2, 2);
    private final Vtep vtep = new Vtep(TunnelSettings.DEFAULT);
    private final Stage decap = vtep.decap();

    DecapStageTest() {
        vtep.segments(SegmentTable.of(List.of(new Segment(3, PLAIN, 1500, false), new Segment(8, TAGGED, 1500, true))));
    }

    @AfterEach
    void freePool() {
        pool.close();
    }

    private Packet receive(long header, byte[] frame) {
        return Frames.datagram(pool, Frames.vxlan(header, frame)).inPort(Ports.tunnel(1));
    }

    private static void assertDropped(DropReason reason, int verdict) {
        assertEquals(Verdict.toString(Verdict.drop(reason)), Verdict.toString(verdict));
    }

    private static void assertForwarded(int verdict) {
        assertEquals(Verdict.toString(Verdict.forward(0)), Verdict.toString(verdict));
    }

    @Test
    void takesTheHeaderOffAndSetsTheSegment() {
        byte[] frame = Frames.ipv4(0, 64, 1, 20);
        Packet packet = receive(Frames.header(PLAIN), frame);
        assertForwarded(Frames.verdict(decap, packet));
        assertEquals(3, packet.segment());
        assertArrayEquals(frame, Frames.head(packet));
        assertEquals(14, packet.networkIndex());
    }

    @Test
    void dropsDatagramFromUnknownSenderBeforeAllElse() {
        Packet packet = Frames.datagram(pool, new byte[3]).inPort(Packet.NO_PORT);
        assertDropped(VTEP_NOT_ALLOWED, Frames.verdict(decap, packet));
    }

    @Test
    void dropsDatagramOfSenderThatHasNoRoomInTheTable() {
        Packet packet = receive(Frames.header(PLAIN), Frames.ipv4(0, 64, 1, 20)).inPort(VtepTable.NO_ROOM);
        assertDropped(VTEP_TABLE_FULL, Frames.verdict(decap, packet));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 21})
    void dropsDatagramShorterThanBothHeaders(int length) {
        byte[] bytes = Arrays.copyOf(Frames.vxlan(Frames.header(PLAIN), Frames.ipv4(0, 64, 1, 20)), length);
        Packet packet = Frames.datagram(pool, bytes).inPort(Ports.tunnel(0));
        assertDropped(VXLAN_TRUNCATED, Frames.verdict(decap, packet));
    }

    @Test
    void forwardsFrameThatIsOnlyAnEthernetHeader() {
        byte[] frame = Arrays.copyOf(Frames.arp(), 14);
        Packet packet = receive(Frames.header(PLAIN), frame);
        assertForwarded(Frames.verdict(decap, packet));
        assertEquals(14, packet.length());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, VxlanHeader.RESERVED_MASK})
    void dropsDatagramWithoutIFlag(long reservedBits) {
        vtep.settings(new TunnelSettings(reservedBits, EncapEcn.RFC6040, 0, 64));
        Packet packet = receive((long) PLAIN << 8, Frames.ipv4(0, 64, 1, 20));
        assertDropped(VXLAN_INVALID_HDR, Frames.verdict(decap, packet));
    }

    static IntStream reservedBits() {
        return IntStream.range(0, 64).filter(bit -> (VxlanHeader.RESERVED_MASK >>> bit & 1) != 0);
    }

    @Test
    void thereAre39ReservedBits() {
        assertEquals(39, reservedBits().count());
    }

    @ParameterizedTest
    @MethodSource("reservedBits")
    void ignoresEachReservedBitUnlessStrict(int bit) {
        Packet packet = receive(Frames.header(PLAIN) | 1L << bit, Frames.ipv4(0, 64, 1, 20));
        assertForwarded(Frames.verdict(decap, packet));
        assertEquals(3, packet.segment());
        vtep.settings(STRICT);
        packet = receive(Frames.header(PLAIN) | 1L << bit, Frames.ipv4(0, 64, 1, 20));
        assertDropped(VXLAN_INVALID_HDR, Frames.verdict(decap, packet));
    }

    @ParameterizedTest
    @MethodSource("reservedBits")
    void eachBitCanBeLeftOutOfWhatIsStrict(int allowed) {
        long mask = VxlanHeader.RESERVED_MASK & ~(1L << allowed);
        vtep.settings(new TunnelSettings(mask, EncapEcn.RFC6040, TunnelSettings.INHERIT, 64));
        reservedBits().forEach(bit -> {
            Packet packet = receive(Frames.header(PLAIN) | 1L << bit, Frames.ipv4(0, 64, 1, 20));
            int verdict = Frames.verdict(decap, packet);
            if (bit == allowed) {
                assertForwarded(verdict);
            } else {
                assertDropped(VXLAN_INVALID_HDR, verdict);
            }
            pool.release(packet);
        });
    }

    @Test
    void strictModeForwardsCleanHeader() {
        vtep.settings(STRICT);
        assertForwarded(Frames.verdict(decap, receive(Frames.header(PLAIN), Frames.arp())));
    }

    @Test
    void dropsUnknownVni() {
        Packet packet = receive(Frames.header(PLAIN + 100), Frames.ipv4(0, 64, 1, 20));
        assertDropped(VXLAN_VNI_NOT_FOUND, Frames.verdict(decap, packet));
    }

    @Test
    void followsThePublishedSegments() {
        vtep.segments(SegmentTable.EMPTY);
        assertDropped(VXLAN_VNI_NOT_FOUND, Frames.verdict(decap, receive(Frames.header(PLAIN), Frames.arp())));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x8100, 0x88a8})
    void dropsTaggedFrameUnlessTheSegmentCarriesTags(int type) {
        byte[] frame = Frames.tagged(Frames.ipv4(0, 64, 1, 20), type, 0x8100);
        assertDropped(INNER_VLAN_TAGGED, Frames.verdict(decap, receive(Frames.header(PLAIN), frame)));
        Packet packet = receive(Frames.header(TAGGED), frame);
        assertForwarded(Frames.verdict(decap, packet));
        assertArrayEquals(frame, Frames.head(packet));
        assertEquals(8, packet.segment());
    }

    /** VLAN 0 is no VLAN (IEEE 802.1Q clause 6.9): FDio/vpp 103 and 1104, ovs-issues 221, pppoe-retriever 8. */
    @ParameterizedTest
    @CsvSource({"0x8100, 0x0800", "0x88a8, 0x0800", "0x8100, 0x86dd", "0x8100, 0x0806"})
    void takesAPriorityTagOff(String type, String etherType) {
        byte[] plain = switch (Integer.decode(etherType)) {
            case 0x0800 -> Frames.ipv4(0x12, 64, 1, 20);
            case 0x86dd -> Frames.ipv6(0x34, 64, 1, 20);
            default -> Frames.arp();
        };
        byte[] frame = Frames.tagged(plain, Integer.decode(type));
        frame[14] = (byte) 0xa0;
        frame[15] = 0;
        Packet packet = receive(Frames.header(PLAIN), frame);
        assertForwarded(Frames.verdict(decap, packet));
        assertArrayEquals(plain, Frames.head(packet));
        assertEquals(Integer.decode(etherType), packet.etherType());
    }

    @Test
    void dropsAFrameWithAVlanBehindAPriorityTag() {
        byte[] frame = Frames.tagged(Frames.ipv4(0, 64, 1, 20), 0x8100, 0x8100);
        frame[14] = (byte) 0xa0;
        frame[15] = 0;
        assertDropped(INNER_VLAN_TAGGED, Frames.verdict(decap, receive(Frames.header(PLAIN), frame)));
    }

    @Test
    void carriesMoreTagsThanAnyoneLooksBehind() {
        byte[] frame = Frames.tagged(Frames.ipv4(0, 64, 1, 20), 0x88a8, 0x8100, 0x8100);
        assertForwarded(Frames.verdict(decap, receive(Frames.header(TAGGED), frame)));
    }

    @ParameterizedTest
    @CsvSource({
        "14, 0x65", // version 6 behind the EtherType of IPv4
        "14, 0x44", // header of 16 bytes
        "14, 0x4f", // header longer than the frame
        "16, 0xff", // total length beyond the frame
        "17, 19", // total length shorter than the header
    })
    void dropsMalformedIpv4(int index, String value) {
        byte[] frame = Frames.ipv4(0, 64, 1, 0);
        frame[index] = (byte) (int) Integer.decode(value);
        assertDropped(INNER_HEADER_INVALID, Frames.verdict(decap, receive(Frames.header(PLAIN), frame)));
        byte[] tagged = Frames.tagged(frame, 0x8100);
        assertDropped(INNER_HEADER_INVALID, Frames.verdict(decap, receive(Frames.header(TAGGED), tagged)));
    }

    @ParameterizedTest
    @CsvSource({
        "14, 0x40", // version 4 behind the EtherType of IPv6
        "18, 0xff", // payload longer than the frame
    })
    void dropsMalformedIpv6(int index, String value) {
        byte[] frame = Frames.ipv6(0, 64, 1, 0);
        frame[index] = (byte) (int) Integer.decode(value);
        assertDropped(INNER_HEADER_INVALID, Frames.verdict(decap, receive(Frames.header(PLAIN), frame)));
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 33})
    void dropsIpv4CutWithinItsHeader(int length) {
        byte[] frame = Arrays.copyOf(Frames.ipv4(0, 64, 1, 0), length);
        assertDropped(INNER_HEADER_INVALID, Frames.verdict(decap, receive(Frames.header(PLAIN), frame)));
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 53})
    void dropsIpv6CutWithinItsHeader(int length) {
        byte[] frame = Arrays.copyOf(Frames.ipv6(0, 64, 1, 0), length);
        assertDropped(INNER_HEADER_INVALID, Frames.verdict(decap, receive(Frames.header(PLAIN), frame)));
    }

    @Test
    void forwardsPaddedIpv4() {
        byte[] frame = Arrays.copyOf(Frames.ipv4(0, 64, 1, 4), 60);
        Packet packet = receive(Frames.header(PLAIN), frame);
        assertForwarded(Frames.verdict(decap, packet));
        assertEquals(60, packet.length());
    }

    /** RFC 6040 section 4.2, figure 4: inner, outer, result. */
    static Stream<Arguments> rfc6040() {
        int[][] rows = {
            {NOT_ECT, NOT_ECT, NOT_ECT}, {NOT_ECT, ECT_0, NOT_ECT}, {NOT_ECT, ECT_1, NOT_ECT}, {NOT_ECT, CE, DROP},
            {ECT_0, NOT_ECT, ECT_0}, {ECT_0, ECT_0, ECT_0}, {ECT_0, ECT_1, ECT_1}, {ECT_0, CE, CE},
            {ECT_1, NOT_ECT, ECT_1}, {ECT_1, ECT_0, ECT_1}, {ECT_1, ECT_1, ECT_1}, {ECT_1, CE, CE},
            {CE, NOT_ECT, CE}, {CE, ECT_0, CE}, {CE, ECT_1, CE}, {CE, CE, CE},
        };
        return Arrays.stream(rows).map(row -> Arguments.of(row[0], row[1], row[2]));
    }

    @ParameterizedTest
    @MethodSource("rfc6040")
    void combinesEcnInIpv4AndKeepsTheChecksumRight(int inner, int outer, int result) {
        int dscp = 46 << 2;
        Packet packet = receive(Frames.header(PLAIN), Frames.ipv4(dscp | inner, 64, 1, 20));
        packet.outerTos(7 << 2 | outer);
        assertEcn(packet, Frames.ipv4(dscp | Math.max(0, result), 64, 1, 20), result);
    }

    @ParameterizedTest
    @MethodSource("rfc6040")
    void combinesEcnInIpv6(int inner, int outer, int result) {
        int dscp = 46 << 2;
        Packet packet = receive(Frames.header(PLAIN), Frames.ipv6(dscp | inner, 64, 1, 20));
        packet.outerTos(outer);
        assertEcn(packet, Frames.ipv6(dscp | Math.max(0, result), 64, 1, 20), result);
    }

    @ParameterizedTest
    @MethodSource("rfc6040")
    void combinesEcnInTaggedFrame(int inner, int outer, int result) {
        Packet packet = receive(Frames.header(TAGGED), Frames.tagged(Frames.ipv4(inner, 64, 1, 20), 0x8100));
        packet.outerTos(outer);
        assertEcn(packet, Frames.tagged(Frames.ipv4(Math.max(0, result), 64, 1, 20), 0x8100), result);
    }

    @ParameterizedTest
    @MethodSource("rfc6040")
    void combinesEcnInSuperframe(int inner, int outer, int result) {
        Packet packet = receive(Frames.header(PLAIN), Frames.ipv4(inner, 64, 1, 3500));
        packet.cut(8 + Frames.IPV4_UDP, 1000).outerTos(outer);
        assertEquals(4, packet.wirePackets());
        assertEcn(packet, Frames.ipv4(Math.max(0, result), 64, 1, 3500), result);
    }

    private void assertEcn(Packet packet, byte[] expected, int result) {
        int verdict = Frames.verdict(decap, packet);
        if (result == DROP) {
            assertDropped(IP_TUNNEL_ECN, verdict);
        } else {
            assertForwarded(verdict);
            assertArrayEquals(expected, Frames.bytes(packet));
        }
    }

    @Test
    void leavesNonIpAloneWhateverTheOuterEcn() {
        Packet packet = receive(Frames.header(PLAIN), Frames.arp()).outerTos(CE);
        assertForwarded(Frames.verdict(decap, packet));
        assertArrayEquals(Frames.arp(), Frames.head(packet));
    }

    @Test
    void decidesAboutAnyBytes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < Seed.rounds(20_000); i++) {
            byte[] bytes =
                    Frames.vxlan(Frames.header(random.nextBoolean() ? PLAIN : TAGGED), Frames.ipv4(0, 64, i, 30));
            if (random.nextBoolean()) {
                bytes = Frames.vxlan(Frames.header(PLAIN), Frames.ipv6(0, 64, i, 30));
            }
            for (int changes = random.nextInt(4); changes > 0; changes--) {
                bytes[random.nextInt(random.nextBoolean() ? 30 : bytes.length)] = (byte) random.nextInt();
            }
            Packet packet = Frames.packet(pool, Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)));
            Dissector.dissect(packet, 8);
            packet.inPort(Ports.tunnel(0)).outerTos(random.nextInt(256));
            int verdict = Frames.verdict(decap, packet);
            assertTrue(Verdict.isDrop(verdict) || Verdict.isForward(verdict), "seed " + seed + ", round " + i);
            pool.release(packet);
        }
    }
}
