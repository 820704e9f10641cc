package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.device.bridge.Learning;
import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.fdb.FdbReader;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.testkit.GatewayShape;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.vxlan.Segment;
import dev.peregrine.vxlan.SegmentTable;
import dev.peregrine.vxlan.TunnelSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Law 5: no hit is older than an acknowledged change; what has not changed stays. */
class CoherenceTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long SENDER = 0x0200_0000_0001L;
    private static final long TARGET = 0x0200_0000_0002L;
    private static final int PORTS = 5;
    private static final int OTHER_SENDER = 5;
    private static final int OTHER_TARGET = 6;
    private static final List<Segment> SEGMENTS =
            List.of(new Segment(0, 42, 1450, false), new Segment(1, 43, 1450, false));

    private final MemoryGateway gateway = new MemoryGateway(
            new MemoryNetwork(),
            World.address(0),
            GatewayShape.of(SEGMENTS, List.of(0, 0, 0, 0, 0, 1, 1)).flows(256));

    @AfterEach
    void close() {
        gateway.close();
    }

    private void place(int segment, long mac, int port) {
        gateway.fdb().add(segment, mac, port, false, gateway.nowNanos());
    }

    /** Sends a datagram from a port; returns the ports that got it. */
    private List<Integer> send(int from, int payload) {
        gateway.endpoint(from)
                .send(FrameBuilder.udp4().macs(TARGET, SENDER).payload(payload).build());
        gateway.run();
        List<Integer> reached = new ArrayList<>();
        for (int port = 0; port < gateway.ports(); port++) {
            for (int i = gateway.endpoint(port).received().size(); i > 0; i--) {
                reached.add(port);
            }
        }
        return reached;
    }

    private long hits() {
        return gateway.fastPath().counters().hits();
    }

    /** Makes a flow that takes the fast path to a port. */
    private void warmUp(int port) {
        place(0, SENDER, 0);
        place(0, TARGET, port);
        send(0, 100); // noticed
        send(0, 100); // remembered
        long before = hits();
        assertEquals(List.of(port), send(0, 100));
        assertEquals(before + 1, hits());
    }

    @RepeatedTest(10)
    void everyPacketAfterAChangeFollowsIt() {
        Gen gen = Gen.ofThisRun();
        place(0, SENDER, 0);
        for (int step = 0; step < 500; step++) {
            int port = 1 + gen.below(PORTS - 1);
            switch (gen.below(5)) {
                case 0 -> gateway.fdb().learn(0, TARGET, port, gateway.nowNanos());
                case 1 -> gateway.fdb().add(0, TARGET, port, gen.oneIn(2), gateway.nowNanos());
                case 2 -> gateway.fdb().delete(0, TARGET);
                case 3 -> gateway.fdb().flush(0, gen.oneIn(2) ? Fdb.ANY : port, true);
                default -> {
                    gateway.advance(200 * SECOND);
                    gateway.fdb().age(gateway.nowNanos());
                }
            }
            for (int i = gen.below(4); i >= 0; i--) {
                int[] expected = {-1};
                gateway.fdb().forEach((segment, mac, where, isStatic, seen) -> {
                    if (mac == TARGET) {
                        expected[0] = where;
                    }
                });
                List<Integer> reached = send(0, 100);
                List<Integer> wanted = expected[0] < 0 ? List.of(1, 2, 3, 4) : List.of(expected[0]);
                assertEquals(wanted, reached, gen + ", step " + step);
            }
        }
        assertTrue(hits() > 300, () -> gen + ": only " + hits() + " hits");
    }

    /** Sender and target are unknown, learned, bound or of a control plane; frames are learned from, or not. */
    @RepeatedTest(10)
    void everyPacketAfterAControlPlanesChangeFollowsIt() {
        Gen gen = Gen.ofThisRun();
        for (int step = 0; step < 500; step++) {
            long mac = gen.oneIn(2) ? SENDER : TARGET;
            int port = mac == SENDER ? gen.below(2) : 1 + gen.below(PORTS - 1);
            switch (gen.below(9)) {
                case 0 -> gateway.fdb().delete(0, mac);
                case 1 -> gateway.fdb().add(0, mac, port, gen.oneIn(2), gateway.nowNanos());
                case 2 -> gateway.bridge().learning(0, gen.oneIn(2) ? Learning.PORTS : Learning.NONE);
                case 3 -> gateway.fdb().given().remove(0, mac);
                default -> give(mac, port, gen.oneIn(8));
            }
            gateway.fdb().given().publish();
            for (int i = gen.below(4); i >= 0; i--) {
                List<Integer> wanted = expected();
                assertEquals(wanted, send(0, 100), gen + ", step " + step);
            }
        }
        assertTrue(hits() > 100, () -> gen + ": only " + hits() + " hits");
    }

    private void give(long mac, int port, boolean isSticky) {
        gateway.fdb().given().set(0, mac, port, isSticky, gateway.nowNanos());
    }

    /** The ports that a frame from port 0 reaches by the FDB as it is. */
    private List<Integer> expected() {
        FdbReader fdb = gateway.fdb().reader();
        if (fdb.find(0, SENDER) && fdb.port() != 0 && fdb.isBound()) {
            return List.of();
        }
        return fdb.find(0, TARGET) ? List.of(fdb.port()) : List.of(1, 2, 3, 4);
    }

    @Test
    void macsThatAControlPlaneAddsLeaveTheCacheAlone() {
        warmUp(2);
        for (int i = 0; i < 1000; i++) {
            give(0x0200_0001_0000L + i, gateway.addVtep(World.address(1)), false);
        }
        gateway.fdb().given().publish();
        long before = hits();
        assertEquals(List.of(2), send(0, 100));
        assertEquals(before + 1, hits());
        give(0x0200_0002_0000L, 3, true);
        gateway.fdb().given().publish();
        assertEquals(List.of(2), send(0, 100));
        assertEquals(1, gateway.fastPath().counters().stale(), "a bound MAC may not come in elsewhere any more");
    }

    /** A flow without an entry for its target is flooded, and ends to be when a control plane knows the target. */
    @Test
    void aFloodEndsWithTheAdditionOfItsTarget() {
        place(0, SENDER, 0);
        for (int i = 0; i < 3; i++) {
            assertEquals(List.of(1, 2, 3, 4), send(0, 100));
        }
        give(TARGET, 3, false);
        gateway.fdb().given().publish();
        assertEquals(List.of(3), send(0, 100));
    }

    @Test
    void aDroppedUnknownDestinationPassesOnceItIsKnown() {
        gateway.bridge().dropUnknown(0, true);
        place(0, SENDER, 0);
        for (int i = 0; i < 3; i++) {
            assertEquals(List.of(), send(0, 100));
        }
        assertEquals(3, gateway.dropped(DropReason.UNKNOWN_UNICAST));
        give(TARGET, 3, false);
        gateway.fdb().given().publish();
        assertEquals(List.of(3), send(0, 100));
    }

    @Test
    void aChangeInOneVniLeavesTheFlowsOfAnotherInTheCache() {
        place(1, SENDER, OTHER_SENDER);
        place(1, TARGET, OTHER_TARGET);
        warmUp(2);
        send(OTHER_SENDER, 100);
        send(OTHER_SENDER, 100);
        long before = hits();
        for (int i = 0; i < 50; i++) {
            place(0, TARGET, 1 + i % 4);
            assertEquals(List.of(1 + i % 4), send(0, 100));
            assertEquals(List.of(OTHER_TARGET), send(OTHER_SENDER, 100));
        }
        assertEquals(before + 50, hits());
        assertEquals(50, gateway.fastPath().counters().stale());
    }

    @Test
    void learningNewMacsLeavesTheCacheAlone() {
        warmUp(2);
        for (int i = 0; i < 100; i++) {
            gateway.endpoint(3)
                    .send(FrameBuilder.udp4()
                            .macs(SENDER, 0x0200_0001_0000L + i)
                            .build());
        }
        gateway.run();
        gateway.endpoint(0).received();
        long before = hits();
        assertEquals(List.of(2), send(0, 100));
        assertEquals(before + 1, hits());
        assertEquals(0, gateway.fastPath().counters().stale());
    }

    @Test
    void aPortsNewMtuHoldsAtOnce() {
        warmUp(2);
        gateway.port(2).mtu(100);
        assertEquals(List.of(0), send(0, 100), "the sender is told");
        gateway.port(2).mtu(1450);
        assertEquals(List.of(2), send(0, 100));
    }

    @Test
    void aFrameThatDoesNotFitIsRefusedAlthoughItsFlowIsKnown() {
        warmUp(2);
        assertEquals(List.of(0), send(0, 1450), "the sender is told");
        assertEquals(List.of(2), send(0, 1400));
    }

    @Test
    void newTunnelSettingsHoldAtOnce() {
        int tunnel = gateway.addVtep(World.address(1));
        warmUp(2);
        place(0, TARGET, tunnel);
        send(0, 100);
        send(0, 100);
        long hits = hits();
        gateway.vtep().settings(new TunnelSettings(0, TunnelSettings.EncapEcn.RFC6040, 7, 33));
        send(0, 100);
        assertEquals(hits, hits());
        gateway.vtep().segments(SegmentTable.EMPTY);
        send(0, 100);
        assertEquals(1, gateway.dropped(DropReason.VXLAN_VNI_NOT_FOUND));
    }

    @Test
    void theFastPathKeepsTheAgeOfASourceYoung() {
        warmUp(2);
        for (int i = 0; i < 10; i++) {
            gateway.advance(100 * SECOND);
            place(0, TARGET, 2);
            send(0, 100);
            gateway.fdb().age(gateway.nowNanos());
        }
        assertEquals(2, gateway.fdb().size());
    }

    @Test
    void floodsAreNeverRemembered() {
        place(0, SENDER, 0);
        for (int i = 0; i < 5; i++) {
            assertEquals(List.of(1, 2, 3, 4), send(0, 100));
        }
        assertEquals(0, hits());
        assertEquals(0, gateway.fastPath().counters().entries());
    }

    @Test
    void aSourceThatIsNotLearnedYetIsNotPassedBy() {
        place(0, TARGET, 2);
        gateway.bridge().learning(0, true);
        assertEquals(List.of(2), send(0, 100));
        assertEquals(2, gateway.fdb().size());
        assertEquals(List.of(2), send(0, 100));
        assertEquals(0, hits());
        assertEquals(List.of(2), send(0, 100));
        assertEquals(1, hits());
    }

    @Test
    void turnedOffNothingIsRememberedAndNothingIsLost() {
        warmUp(2);
        long hits = hits();
        gateway.fastPathSwitch().turn(false);
        assertEquals(List.of(2), send(0, 100));
        assertEquals(hits, hits());
        gateway.fastPathSwitch().turn(true);
        assertEquals(List.of(2), send(0, 100));
        assertEquals(hits + 1, hits());
        assertEquals(1, gateway.fastPath().clear());
        assertEquals(List.of(2), send(0, 100));
        assertEquals(hits + 1, hits());
        gateway.flood(Map.of());
    }
}
