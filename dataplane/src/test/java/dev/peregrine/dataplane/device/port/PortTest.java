package dev.peregrine.dataplane.device.port;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.device.bridge.DeviceHarness;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PortTest {
    private static final long A = 0x0200_0000_000aL;
    private static final long B = 0x0200_0000_000bL;

    private final Port port = new Port(3, "web", 5, false, 1450);
    private final Port trunk = new Port(4, "trunk", 5, true, 1450);
    private final DeviceHarness harness = new DeviceHarness();

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void marksFramesWithThePortAndItsSegment() {
        Packet packet = harness.frame(A, B, -1, Packet.NO_PORT);
        assertEquals(Verdict.forward(0), harness.verdict(port.in(), packet, 0));
        assertEquals(3, packet.inPort());
        assertEquals(5, packet.segment());
        harness.release(packet);
    }

    @Test
    void dropsTaggedFramesUnlessItCarriesTags() {
        for (int type : new int[] {0x8100, 0x88a8}) {
            Packet packet = harness.frame(A, B, -1, Packet.NO_PORT);
            packet.setShort(12, type);
            packet.setShort(14, 7);
            assertEquals(Verdict.drop(DropReason.INNER_VLAN_TAGGED), harness.verdict(port.in(), packet, 0));
            assertEquals(Verdict.forward(0), harness.verdictOnce(trunk.in(), packet, 0));
        }
    }

    @Test
    void takesAPriorityTagOffUnlessItCarriesTags() {
        for (Port any : new Port[] {port, trunk}) {
            Packet packet = harness.frame(A, B, -1, Packet.NO_PORT);
            packet.setShort(12, 0x8100);
            packet.setShort(14, 0xe000);
            packet.setShort(16, 0x0806);
            int length = packet.headLength();
            assertEquals(Verdict.forward(0), harness.verdict(any.in(), packet, 0));
            boolean isOff = any == port;
            assertEquals(length - (isOff ? 4 : 0), packet.headLength());
            assertEquals(isOff ? 0x0806 : 0x8100, packet.getShort(12));
            assertEquals(A, packet.getMac(0));
            assertEquals(B, packet.getMac(6));
            harness.release(packet);
        }
    }

    @Test
    void announcesItsMtuOnlyWhenItIsAnother() {
        List<Integer> announced = new ArrayList<>();
        port.onChange(announced::add);
        port.mtu(1450);
        assertEquals(List.of(), announced);
        port.mtu(1400);
        port.mtu(1400);
        assertEquals(List.of(5), announced);
    }

    @Test
    void dropsFramesWithoutAnEthernetHeader() {
        Packet packet = harness.frame(A, B, -1, Packet.NO_PORT).trim(13);
        assertEquals(Verdict.drop(DropReason.INNER_HEADER_INVALID), harness.verdictOnce(port.in(), packet, 0));
    }

    @Test
    void dropsFramesOverTheMtu() {
        assertEquals(Verdict.forward(0), out(port, 14 + 1450, 0x0800));
        assertEquals(Verdict.drop(DropReason.MTU_EXCEEDED), out(port, 14 + 1451, 0x0800));
    }

    @Test
    void doesNotCountTagsTowardsTheMtu() {
        assertEquals(Verdict.forward(0), out(trunk, 14 + 4 + 1450, 0x8100));
        assertEquals(Verdict.drop(DropReason.MTU_EXCEEDED), out(trunk, 14 + 4 + 1451, 0x8100));
        Packet stacked = harness.frame(A, B, 5, 1).put(14 + 8 + 1450 - 60);
        stacked.setShort(12, 0x88a8);
        stacked.setShort(16, 0x8100);
        assertEquals(Verdict.forward(0), harness.verdictOnce(trunk.out(), stacked, 0));
    }

    @Test
    void obeysAnMtuThatChanges() {
        port.mtu(1000);
        assertEquals(Verdict.drop(DropReason.MTU_EXCEEDED), out(port, 14 + 1001, 0x0800));
        port.mtu(1001);
        assertEquals(Verdict.forward(0), out(port, 14 + 1001, 0x0800));
    }

    @Test
    void measuresASuperframeByItsSegments() {
        Packet packet = superframe(54, 1396, 10);
        assertEquals(Verdict.forward(0), harness.verdictOnce(port.out(), packet, 0));
        Packet longer = superframe(54, 1411, 10);
        assertEquals(Verdict.drop(DropReason.MTU_EXCEEDED), harness.verdictOnce(port.out(), longer, 0));
    }

    @Test
    void countsWirePacketsAndBytesOfAllWorkers() {
        Packet packet = superframe(54, 1000, 10);
        harness.verdict(port.in(), packet, 0);
        harness.verdict(port.out(), packet, 0);
        harness.verdictOnce(port.out(), packet, 0);
        harness.verdictOnce(port.in(), harness.frame(A, B, -1, Packet.NO_PORT), 0);

        assertEquals(11, port.rxPackets());
        assertEquals(10 * 1054 + 60, port.rxBytes());
        assertEquals(20, port.txPackets());
        assertEquals(20 * 1054, port.txBytes());
    }

    @Test
    void doesNotCountWhatItDropsAsSent() {
        out(port, 2000, 0x0800);
        assertEquals(0, port.txPackets());
        assertEquals(0, port.txBytes());
    }

    private int out(Port to, int length, int etherType) {
        Packet packet = harness.frame(A, B, 5, 1).put(length - 60);
        packet.setShort(12, etherType);
        return harness.verdictOnce(to.out(), packet, 0);
    }

    private Packet superframe(int headers, int segmentSize, int segments) {
        Packet packet = harness.frame(A, B, 5, 1);
        return packet.put(headers + segmentSize * segments - 60).cut(headers, segmentSize);
    }
}
