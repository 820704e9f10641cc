package dev.peregrine.vxlan;

import static dev.peregrine.dataplane.packet.DropReason.INNER_VLAN_TAGGED;
import static dev.peregrine.dataplane.packet.DropReason.MTU_EXCEEDED;
import static dev.peregrine.dataplane.packet.DropReason.VXLAN_VNI_NOT_FOUND;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.vxlan.TunnelSettings.EncapEcn;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EncapStageTest {
    private static final int PLAIN = 3;
    private static final int TAGGED = 8;
    private static final int FORWARD = Verdict.forward(0);

    private final PacketPool pool = new PacketPool(4, 4);
    private final Vtep vtep = new Vtep(TunnelSettings.DEFAULT);
    private final Stage encap = vtep.encap();

    EncapStageTest() {
        vtep.segments(
                SegmentTable.of(List.of(new Segment(PLAIN, 42, 1450, false), new Segment(TAGGED, 43, 1450, true))));
    }

    @AfterEach
    void freePool() {
        pool.close();
    }

    private Packet send(int segment, byte[] frame) {
        return Frames.inner(pool, frame).segment(segment).outPort(Ports.tunnel(0));
    }

    private static TunnelSettings settings(EncapEcn ecn, int dscp, int ttl) {
        return new TunnelSettings(0, ecn, dscp, ttl);
    }

    @Test
    void putsTheHeaderInFront() {
        byte[] frame = Frames.ipv4(0, 64, 1, 20);
        Packet packet = send(PLAIN, frame);
        assertEquals(FORWARD, Frames.verdict(encap, packet));
        assertArrayEquals(Frames.vxlan(Frames.header(42), frame), Frames.head(packet));
        assertEquals(8 + 14, packet.networkIndex());
    }

    @Test
    void decapUndoesEncap() {
        for (byte[] frame : List.of(Frames.ipv4(0xb9, 3, 1, 99), Frames.ipv6(0xba, 3, 1, 99), Frames.arp())) {
            Packet packet = send(PLAIN, frame);
            assertEquals(FORWARD, Frames.verdict(encap, packet));
            packet.segment(-1).inPort(Ports.tunnel(0));
            assertEquals(FORWARD, Frames.verdict(vtep.decap(), packet));
            assertEquals(PLAIN, packet.segment());
            assertArrayEquals(frame, Frames.head(packet));
            pool.release(packet);
        }
    }

    @Test
    void whatTheTrailSaysMakesOfTheNextPacketWhatTheStagesWould() {
        FlowRecording out = new FlowRecording(0);
        FlowRecording in = new FlowRecording(1);
        for (int tos : new int[] {0, 0xb8, 0xb9, 0x03}) {
            Packet first = send(PLAIN, Frames.ipv4(0, 64, 1, 20));
            out.begin(first);
            assertEquals(FORWARD, Frames.verdict(encap, first));
            assertEquals(1450 + 14, out.limit());
            byte[] frame = Frames.ipv4(tos, 7, 1, 99);
            Packet walked = send(PLAIN, frame);
            Packet replayed = send(PLAIN, frame);
            assertEquals(FORWARD, Frames.verdict(encap, walked));
            assertTrue(requireNonNull(out.rewrite()).apply(replayed));
            assertArrayEquals(Frames.head(walked), Frames.head(replayed));
            assertEquals(walked.outerTos(), replayed.outerTos());
            assertEquals(walked.outerTtl(), replayed.outerTtl());
            pool.release(first);

            in.begin(walked.inPort(Ports.tunnel(0)).outerTos(0x02));
            assertEquals(FORWARD, Frames.verdict(vtep.decap(), walked));
            assertTrue(requireNonNull(in.rewrite()).apply(replayed.outerTos(0x02)));
            assertArrayEquals(Frames.head(walked), Frames.head(replayed));
            pool.release(walked);
            pool.release(replayed);
        }
    }

    @Test
    void dropsFrameOfSegmentThatHasGone() {
        Packet packet = send(PLAIN + 1, Frames.arp());
        assertEquals(Verdict.drop(VXLAN_VNI_NOT_FOUND), Frames.verdict(encap, packet));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x8100, 0x88a8})
    void dropsTaggedFrameUnlessTheSegmentCarriesTags(int type) {
        byte[] frame = Frames.tagged(Frames.ipv4(0xb8, 64, 1, 20), type);
        assertEquals(Verdict.drop(INNER_VLAN_TAGGED), Frames.verdict(encap, send(PLAIN, frame)));
        Packet packet = send(TAGGED, frame);
        assertEquals(FORWARD, Frames.verdict(encap, packet));
        assertArrayEquals(Frames.vxlan(Frames.header(43), frame), Frames.head(packet));
        assertEquals(0xb8, packet.outerTos());
    }

    @Test
    void dropsFrameLongerThanTheMtu() {
        assertEquals(FORWARD, Frames.verdict(encap, send(PLAIN, Frames.ipv4(0, 64, 1, 1450 - 28))));
        assertEquals(Verdict.drop(MTU_EXCEEDED), Frames.verdict(encap, send(PLAIN, Frames.ipv4(0, 64, 1, 1451 - 28))));
    }

    @Test
    void doesNotCountTagsAgainstTheMtu() {
        byte[] fits = Frames.tagged(Frames.ipv4(0, 64, 1, 1450 - 28), 0x88a8, 0x8100);
        assertEquals(FORWARD, Frames.verdict(encap, send(TAGGED, fits)));
        byte[] tooLong = Frames.tagged(Frames.ipv4(0, 64, 1, 1451 - 28), 0x88a8, 0x8100);
        assertEquals(Verdict.drop(MTU_EXCEEDED), Frames.verdict(encap, send(TAGGED, tooLong)));
    }

    @Test
    void measuresSuperframeByItsSegments() {
        Packet fits = Frames.superframe(pool, 0, 1, 20_000, 1450 - 28).segment(PLAIN);
        assertEquals(FORWARD, Frames.verdict(encap, fits));
        Packet tooLong = Frames.superframe(pool, 0, 1, 20_000, 1451 - 28).segment(PLAIN);
        assertEquals(Verdict.drop(MTU_EXCEEDED), Frames.verdict(encap, tooLong));
    }

    /** RFC 6040 section 4.1, figure 3, and what Linux does: inner, outer normal, outer RFC 3168. */
    @ParameterizedTest
    @CsvSource({"0, 0, 0", "1, 1, 1", "2, 2, 2", "3, 3, 2"})
    void makesOuterEcnFromInnerEcn(int inner, int normal, int rfc3168) {
        for (byte[] frame : List.of(Frames.ipv4(0xb8 | inner, 9, 1, 20), Frames.ipv6(0xb8 | inner, 9, 1, 20))) {
            assertEquals(0xb8 | normal, outerTos(settings(EncapEcn.RFC6040, TunnelSettings.INHERIT, 64), frame));
            assertEquals(0xb8 | rfc3168, outerTos(settings(EncapEcn.RFC3168, TunnelSettings.INHERIT, 64), frame));
            assertEquals(10 << 2 | normal, outerTos(settings(EncapEcn.RFC6040, 10, 64), frame));
        }
    }

    @Test
    void makesOuterEcnOfSuperframe() {
        Packet packet = Frames.superframe(pool, 0xbb, 1, 5000, 1000).segment(PLAIN);
        assertEquals(FORWARD, Frames.verdict(encap, packet));
        assertEquals(0xbb, packet.outerTos());
    }

    private int outerTos(TunnelSettings settings, byte[] frame) {
        vtep.settings(settings);
        Packet packet = send(PLAIN, frame);
        assertEquals(FORWARD, Frames.verdict(encap, packet));
        int tos = packet.outerTos();
        pool.release(packet);
        return tos;
    }

    @ParameterizedTest
    @CsvSource({"64, 9, 64", "255, 9, 255", "-1, 9, 9", "-1, 255, 255", "-1, 0, 1"})
    void setsTheTtl(int setting, int inner, int outer) {
        vtep.settings(settings(EncapEcn.RFC6040, 0, setting));
        for (byte[] frame : List.of(Frames.ipv4(0, inner, 1, 20), Frames.ipv6(0, inner, 1, 20))) {
            Packet packet = send(PLAIN, frame);
            assertEquals(FORWARD, Frames.verdict(encap, packet));
            assertEquals(outer, packet.outerTtl());
            pool.release(packet);
        }
    }

    @ParameterizedTest
    @CsvSource({"-1, -1, 0, 64", "10, 7, 40, 7"})
    void givesNonIpTheFixedValues(int dscp, int ttl, int outerTos, int outerTtl) {
        vtep.settings(settings(EncapEcn.RFC6040, dscp, ttl));
        Packet packet = send(PLAIN, Frames.arp());
        assertEquals(FORWARD, Frames.verdict(encap, packet));
        assertEquals(outerTos, packet.outerTos());
        assertEquals(outerTtl, packet.outerTtl());
    }

    @Test
    void forwardsMalformedIpWithTheFixedValues() {
        byte[] frame = Frames.ipv4(0xff, 9, 1, 20);
        frame[14] = 0x35;
        Packet packet = send(PLAIN, frame);
        assertEquals(FORWARD, Frames.verdict(encap, packet));
        assertEquals(0, packet.outerTos());
        assertEquals(64, packet.outerTtl());
    }

    @Test
    void refusesSettingsOutOfRange() {
        assertThrows(IllegalArgumentException.class, () -> settings(EncapEcn.RFC6040, 64, 64));
        assertThrows(IllegalArgumentException.class, () -> settings(EncapEcn.RFC6040, -2, 64));
        assertThrows(IllegalArgumentException.class, () -> settings(EncapEcn.RFC6040, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> settings(EncapEcn.RFC6040, 0, 256));
    }
}
