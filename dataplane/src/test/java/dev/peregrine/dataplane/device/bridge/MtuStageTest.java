package dev.peregrine.dataplane.device.bridge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.port.PathMtus;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Reference;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MtuStageTest {
    private static final int SEGMENT = 1;
    private static final int CLAMPED = 2;
    private static final int MTU = 1450;
    private static final int PORT = 3;
    private static final int TUNNEL = Ports.tunnel(5);
    private static final long SECOND = 1_000_000_000L;
    private static final int DROP = Verdict.drop(DropReason.MTU_EXCEEDED);
    private static final int IP = 14;

    private final PacketPool pool = new PacketPool(4, 8);
    private final Port port = new Port(PORT, "p", SEGMENT, false, MTU);
    private final Bridge bridge = new Bridge(new Fdb(10), 4, () -> {});
    private final Stage stage = bridge.mtu();
    private long now = -5 * SECOND;

    @BeforeEach
    void publishMtus() {
        bridge.mtus(PathMtus.of(List.of(port, port, port, port))
                .segment(SEGMENT, MTU, false)
                .segment(CLAMPED, MTU, true));
    }

    @AfterEach
    void close() {
        assertTrue(pool.isFull(), "a packet was lost");
        pool.close();
    }

    @Test
    void sendsOutWhatFits() {
        assertEquals(Verdict.forward(Bridge.TUNNEL_EXIT), verdict(udp4(MTU), PORT, TUNNEL));
        assertEquals(Verdict.forward(Bridge.exitTo(PORT)), verdict(udp4(MTU), TUNNEL, PORT));
    }

    @Test
    void vlanTagsDoNotCount() {
        assertEquals(Verdict.forward(Bridge.TUNNEL_EXIT), verdict(udp4(MTU).tag(0x8100, 5), PORT, TUNNEL));
        assertEquals(DROP, verdict(udp4(MTU + 1).tag(0x8100, 5).addresses("0.0.0.0", "198.19.0.2"), PORT, TUNNEL));
    }

    @Test
    void knowsNoLimitOfWhatNobodyConfigured() {
        bridge.mtus(PathMtus.UNKNOWN);
        assertEquals(Verdict.forward(Bridge.TUNNEL_EXIT), verdict(udp4(9000), PORT, TUNNEL));
        assertEquals(Verdict.forward(Bridge.exitTo(PORT)), verdict(udp4(9000), TUNNEL, PORT));
    }

    @Test
    void theNarrowerOfSegmentAndPathCounts() {
        bridge.mtus(bridge.mtus().tunnel(TUNNEL, 1400));
        assertEquals(Verdict.forward(Bridge.TUNNEL_EXIT), verdict(udp4(1400), PORT, TUNNEL));
        assertEquals(1400, mtuOf(answer(udp4(1401), TUNNEL)));
        assertEquals(Verdict.forward(Bridge.TUNNEL_EXIT), verdict(udp4(MTU), PORT, Ports.tunnel(4)));
        assertEquals(MTU, mtuOf(answer(udp4(MTU + 1), Ports.tunnel(6))));
        bridge.mtus(bridge.mtus().tunnel(TUNNEL, PathMtus.UNLIMITED));
        assertEquals(Verdict.forward(Bridge.TUNNEL_EXIT), verdict(udp4(MTU), PORT, TUNNEL));
    }

    @Test
    void theMtuOfALocalPortIsThatOfNow() {
        port.mtu(1300);
        assertEquals(1300, mtuOf(answer(udp4(1301), PORT)));
    }

    @Test
    void tellsASenderOverIpv4() {
        byte[] frame = udp4(1500).dontFragment().id(77).ttl(9).build();
        byte[] reply = answer(frame, TUNNEL);
        assertEquals(IP + 576, reply.length);
        assertArrayEquals(Arrays.copyOfRange(frame, 6, 12), Arrays.copyOfRange(reply, 0, 6), "to the sender's MAC");
        assertArrayEquals(Arrays.copyOfRange(frame, 0, 6), Arrays.copyOfRange(reply, 6, 12));
        assertEquals(0x0800, Reference.getShort(reply, 12));
        assertEquals(0x45c0, Reference.getShort(reply, IP));
        assertEquals(576, Reference.getShort(reply, IP + 2));
        assertEquals(64 << 8 | 1, Reference.getShort(reply, IP + 8), "TTL, ICMP");
        assertEquals(0, ~Reference.sum(reply, IP, IP + 20, 0) & 0xffff, "header checksum");
        assertArrayEquals(Arrays.copyOfRange(frame, IP + 16, IP + 20), Arrays.copyOfRange(reply, IP + 12, IP + 16));
        assertArrayEquals(Arrays.copyOfRange(frame, IP + 12, IP + 16), Arrays.copyOfRange(reply, IP + 16, IP + 20));
        assertEquals(0x0304, Reference.getShort(reply, IP + 20));
        assertEquals(MTU, Reference.getInt(reply, IP + 24));
        assertEquals(0, ~Reference.sum(reply, IP + 20, IP + 576, 0) & 0xffff, "ICMP checksum");
        assertArrayEquals(Arrays.copyOfRange(frame, IP, IP + 548), Arrays.copyOfRange(reply, IP + 28, reply.length));
    }

    @Test
    void tellsASenderOverIpv6() {
        byte[] frame = FrameBuilder.udp6().payload(1500).build();
        byte[] reply = answer(frame, TUNNEL);
        assertEquals(IP + 1280, reply.length);
        assertEquals(0x6000_0000, Reference.getInt(reply, IP));
        assertEquals(1240, Reference.getShort(reply, IP + 4));
        assertEquals(58 << 8 | 64, Reference.getShort(reply, IP + 6), "ICMPv6, hop limit");
        assertArrayEquals(Arrays.copyOfRange(frame, IP + 24, IP + 40), Arrays.copyOfRange(reply, IP + 8, IP + 24));
        assertArrayEquals(Arrays.copyOfRange(frame, IP + 8, IP + 24), Arrays.copyOfRange(reply, IP + 24, IP + 40));
        assertEquals(0x0200, Reference.getShort(reply, IP + 40));
        assertEquals(MTU, Reference.getInt(reply, IP + 44));
        int pseudo = Reference.pseudoHeader(reply, IP + 8, IP + 40, 58, 1240);
        assertEquals(0, ~Reference.sum(reply, IP + 40, reply.length, pseudo) & 0xffff, "ICMPv6 checksum");
        assertArrayEquals(Arrays.copyOfRange(frame, IP, IP + 1232), Arrays.copyOfRange(reply, IP + 48, reply.length));
    }

    @Test
    void theReplyIsAPlainDissectedFrameToWhereThePacketCameFrom() {
        Packet packet = Packets.frame(pool, udp4(1500).build());
        assertEquals(Verdict.answer(Bridge.TUNNEL_EXIT, DropReason.MTU_EXCEEDED), decide(packet, TUNNEL, PORT));
        assertEquals(TUNNEL, packet.outPort());
        assertEquals(Checksum.VERIFIED, packet.checksum());
        assertEquals(1, packet.protocol());
        assertEquals(IP + 20, packet.transportIndex());
        pool.release(packet);
    }

    @Test
    void aSuperframeFitsWhenItsSegmentsDo() {
        byte[] frame = FrameBuilder.tcp4().payload(10_000).build();
        Packet fitting = superframe(frame, MTU - 40);
        assertEquals(Verdict.forward(Bridge.TUNNEL_EXIT), decide(fitting, PORT, TUNNEL));
        assertEquals(8, fitting.wirePackets());
        pool.release(fitting);
    }

    @Test
    void quotesTheFirstSegmentOfASuperframe() {
        byte[] frame = FrameBuilder.tcp4().id(5).payload(10_000).build();
        Packet packet = superframe(frame, MTU - 39);
        assertTrue(Verdict.isAnswer(decide(packet, PORT, TUNNEL)));
        byte[] reply = Packets.bytes(packet);
        assertEquals(1, packet.wirePackets());
        assertEquals(MTU, mtuOf(reply));
        assertEquals(MTU + 1, Reference.getShort(reply, IP + 28 + 2), "total length of what was too big");
        assertEquals(0, ~Reference.sum(reply, IP + 28, IP + 48, 0) & 0xffff, "its header checksum");
        pool.release(packet);
        Packet six = superframe(FrameBuilder.tcp6().payload(10_000).build(), MTU - 59);
        assertTrue(Verdict.isAnswer(decide(six, PORT, TUNNEL)));
        assertEquals(MTU + 1 - 40, Reference.getShort(Packets.bytes(six), IP + 48 + 4));
        pool.release(six);
    }

    @Test
    void repliesAreWrittenWithoutHeadroom() {
        Packet packet = Packets.frame(pool, udp4(1500).build());
        packet.view(packet.offset(), packet.offset(), packet.headLength());
        Dissector.dissect(packet, 0);
        assertTrue(Verdict.isAnswer(decide(packet, PORT, TUNNEL)));
        assertEquals(MTU, mtuOf(Packets.bytes(packet)));
        pool.release(packet);
    }

    static Stream<FrameBuilder> framesWhoseSendersAreNotTold() {
        return Stream.of(
                FrameBuilder.echo4().icmpType(3),
                FrameBuilder.echo4().icmpType(11),
                FrameBuilder.echo6().icmpType(1),
                FrameBuilder.echo6().icmpType(2),
                FrameBuilder.echo6().icmpType(137),
                FrameBuilder.udp4().fragmentBits(100),
                FrameBuilder.udp4().macs(0xffff_ffff_ffffL, 2),
                FrameBuilder.udp4().macs(0x0100_5e00_0001L, 2),
                FrameBuilder.udp4().addresses("198.19.0.1", "224.0.0.1"),
                FrameBuilder.udp4().addresses("198.19.0.1", "255.255.255.255"),
                FrameBuilder.udp4().addresses("0.0.0.0", "198.19.0.1"),
                FrameBuilder.udp4().addresses("127.0.0.1", "198.19.0.1"),
                FrameBuilder.udp4().addresses("239.0.0.1", "198.19.0.1"),
                FrameBuilder.udp6().addresses("fd00::1", "ff02::1"),
                FrameBuilder.udp6().addresses("::", "fd00::1"),
                FrameBuilder.udp6().addresses("::1", "fd00::1"),
                FrameBuilder.udp6().addresses("ff05::1", "fd00::1"),
                // a later fragment of UDP (RFC 8200 section 4.5)
                FrameBuilder.udp6().extensions(44, new byte[] {17, 0, 0x10, 0, 0, 0, 0, 1}));
    }

    @ParameterizedTest
    @MethodSource("framesWhoseSendersAreNotTold")
    void doesNotTellEverySender(FrameBuilder builder) {
        assertEquals(DROP, verdict(builder.payload(1500), PORT, TUNNEL));
    }

    @Test
    void tellsTheSenderOfAFirstFragmentAndOfAnEcho() {
        assertEquals(MTU, mtuOf(answer(udp4(1500).fragmentBits(0x2000), TUNNEL)));
        assertEquals(MTU, mtuOf(answer(FrameBuilder.echo4().payload(1500), TUNNEL)));
    }

    @Test
    void tellsNobodyAboutFramesThatAreNotIpOrAreLongForOtherReasons() {
        assertEquals(DROP, verdict(FrameBuilder.ethernet(2, 4, 0x88b5, new byte[1500]), PORT, TUNNEL));
        assertEquals(DROP, verdict(udp4(100).padding(1500).build(), PORT, TUNNEL));
    }

    @Test
    void tellsNobodyOverIpv6ThatTheMtuIsBelowItsMinimum() {
        port.mtu(1279);
        assertEquals(DROP, verdict(FrameBuilder.udp6().payload(1500), TUNNEL, PORT));
        port.mtu(1280);
        assertEquals(1280, mtuOf(answer(FrameBuilder.udp6().payload(1500), PORT)));
    }

    @ParameterizedTest
    @ValueSource(ints = {68, 200, 575, 576, 577})
    void theReplyIsShortEnoughForASmallMtu(int mtu) {
        port.mtu(mtu);
        byte[] reply = answer(udp4(mtu + 1), PORT);
        assertTrue(reply.length <= IP + Math.min(mtu + 1, 576), () -> reply.length + " bytes");
        assertEquals(mtu, mtuOf(reply));
    }

    @Test
    void tellsEachSenderOnlySoOften() {
        for (int i = 0; i < ReplyLimit.BURST; i++) {
            assertTrue(Verdict.isAnswer(verdict(udp4(1500), PORT, TUNNEL)));
        }
        assertEquals(DROP, verdict(udp4(1500), PORT, TUNNEL));
        assertTrue(Verdict.isAnswer(verdict(udp4(1500).macs(2, 4), PORT, TUNNEL)), "another sender");
        now += SECOND / ReplyLimit.PER_SECOND;
        assertTrue(Verdict.isAnswer(verdict(udp4(1500), PORT, TUNNEL)));
        assertEquals(DROP, verdict(udp4(1500), PORT, TUNNEL));
        now += 1000 * SECOND;
        for (int i = 0; i < ReplyLimit.BURST; i++) {
            assertTrue(Verdict.isAnswer(verdict(udp4(1500), PORT, TUNNEL)));
        }
        assertEquals(DROP, verdict(udp4(1500), PORT, TUNNEL), "no more than a burst is saved up");
    }

    @Test
    void whoInventsSendersUsesUpTheRepliesOfHisOwnPortOnly() {
        int other = PORT - 1;
        int answered = 0;
        for (int mac = 1; mac < 2000; mac++) {
            answered += Verdict.isAnswer(verdict(udp4(1500).macs(2, mac), PORT, TUNNEL)) ? 1 : 0;
        }
        assertTrue(answered < 200, answered + " answers");
        for (int i = 0; i < ReplyLimit.BURST; i++) {
            assertTrue(Verdict.isAnswer(verdict(udp4(1500), other, TUNNEL)), "another port");
        }
    }

    @Test
    void clampsWhereTheSegmentWantsIt() {
        assertEquals(1410, clamped(syn(FrameBuilder.tcp4(), 1460), CLAMPED));
        assertEquals(1390, clamped(syn(FrameBuilder.tcp6(), 1440), CLAMPED));
        assertEquals(1000, clamped(syn(FrameBuilder.tcp4(), 1000), CLAMPED));
        assertEquals(1460, clamped(syn(FrameBuilder.tcp4(), 1460), SEGMENT));
        assertEquals(1410, clamped(syn(FrameBuilder.tcp4(), 1460).flags(0x12), CLAMPED), "SYN and ACK");
        assertEquals(1460, clamped(syn(FrameBuilder.tcp4(), 1460).flags(0x10), CLAMPED), "no SYN");
    }

    @Test
    void clampsToTheNarrowerOfBothWays() {
        port.mtu(1300);
        assertEquals(1260, clamped(syn(FrameBuilder.tcp4(), 1460), CLAMPED));
    }

    @ParameterizedTest
    @CsvSource({"3, 01020405b4000000", "15, 030307080a0102030405060708020405b4000000"})
    void findsTheOptionBehindOthersAndKeepsTheChecksum(int at, String hex) {
        byte[] options = HexFormat.of().parseHex(hex);
        Packet packet = Packets.frame(
                pool, FrameBuilder.tcp4().flags(2).tcpOptions(options).build());
        decide(packet.segment(CLAMPED), PORT, TUNNEL);
        assertEquals(1410, packet.getShort(packet.transportIndex() + 20 + at));
        assertTrue(TransportChecksum.verify(packet));
        pool.release(packet);
    }

    @ParameterizedTest
    @ValueSource(strings = {"02000000", "02040000", "00000000", "01010101", "02050000", "09ff0000", "01020304"})
    void leavesOddOptionsAlone(String hex) {
        byte[] options = HexFormat.of().parseHex(hex);
        byte[] frame = FrameBuilder.tcp4().flags(2).tcpOptions(options).build();
        Packet packet = Packets.frame(pool, frame).segment(CLAMPED);
        assertEquals(Verdict.forward(Bridge.TUNNEL_EXIT), decide(packet, PORT, TUNNEL));
        assertArrayEquals(frame, Packets.bytes(packet));
        pool.release(packet);
    }

    @Test
    void leavesAPartialChecksumPartial() {
        byte[] frame = syn(FrameBuilder.tcp4(), 1460).partialChecksum().build();
        Packet packet = Packets.frame(pool, frame).segment(CLAMPED).checksum(Checksum.PARTIAL);
        decide(packet, PORT, TUNNEL);
        assertFalse(Arrays.equals(frame, Packets.bytes(packet)));
        assertTrue(TransportChecksum.isPseudoHeaderOnly(packet));
        TransportChecksum.complete(packet);
        assertTrue(TransportChecksum.verify(packet));
        pool.release(packet);
    }

    private static FrameBuilder syn(FrameBuilder builder, int mss) {
        return builder.flags(2).tcpOptions(new byte[] {2, 4, (byte) (mss >>> 8), (byte) mss});
    }

    /** The MSS that leaves, of a SYN whose option comes first. */
    private int clamped(FrameBuilder builder, int segment) {
        Packet packet = Packets.frame(pool, builder.build()).segment(segment);
        assertEquals(Verdict.forward(Bridge.TUNNEL_EXIT), decide(packet, PORT, TUNNEL));
        assertTrue(TransportChecksum.verify(packet));
        int mss = packet.getShort(packet.transportIndex() + 22);
        pool.release(packet);
        return mss;
    }

    /** A UDP datagram in an IPv4 packet of a length. */
    private static FrameBuilder udp4(int length) {
        return FrameBuilder.udp4().payload(length - 28);
    }

    private Packet superframe(byte[] frame, int segmentSize) {
        Packet packet = Packets.frame(pool, frame).segment(SEGMENT);
        TransportChecksum.makePartial(packet);
        return packet.cut(Dissector.payloadIndex(packet), segmentSize);
    }

    private int verdict(FrameBuilder builder, int inPort, int outPort) {
        return verdict(builder.build(), inPort, outPort);
    }

    private int verdict(byte[] frame, int inPort, int outPort) {
        Packet packet = Packets.frame(pool, frame);
        int verdict = decide(packet, inPort, outPort);
        pool.release(packet);
        return verdict;
    }

    private int decide(Packet packet, int inPort, int outPort) {
        if (packet.segment() < 0) {
            packet.segment(SEGMENT);
        }
        Batch batch = Packets.batch(packet.inPort(inPort).outPort(outPort));
        batch.nowNanos(now);
        stage.process(batch);
        return batch.verdict(0);
    }

    private byte[] answer(FrameBuilder builder, int outPort) {
        return answer(builder.build(), outPort);
    }

    /** The reply to a frame from port 0. */
    private byte[] answer(byte[] frame, int outPort) {
        Packet packet = Packets.frame(pool, frame);
        assertEquals(
                Verdict.answer(Bridge.exitTo(0), DropReason.MTU_EXCEEDED),
                decide(packet, 0, outPort),
                "the sender is told");
        byte[] reply = Packets.bytes(packet);
        pool.release(packet);
        return reply;
    }

    private static int mtuOf(byte[] reply) {
        int icmp = reply[12] == 0x08 ? IP + 20 : IP + 40;
        return Reference.getInt(reply, icmp + 4);
    }
}
