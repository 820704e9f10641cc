package dev.peregrine.dataplane.device.bridge;

import static dev.peregrine.dataplane.device.bridge.DeviceHarness.BROADCAST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.fdb.FdbGiven;
import dev.peregrine.dataplane.device.fdb.FdbReader;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.FloodGroups;
import dev.peregrine.dataplane.stage.Stage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BridgeTest {
    private static final int SEGMENT = 2;
    private static final long A = 0x0200_0000_000aL;
    private static final long B = 0x0200_0000_000bL;
    private static final long SECOND = 1_000_000_000L;
    private static final int TUNNEL = Ports.tunnel(0);
    private static final int OTHER_TUNNEL = Ports.tunnel(1);

    private final AtomicInteger raises = new AtomicInteger();
    private final Fdb fdb = new Fdb(100);
    private final Bridge bridge = new Bridge(fdb, 4, raises::incrementAndGet);
    private final Stage learn = bridge.learn();
    private final Stage forward = bridge.forward();
    private final FdbReader reader = fdb.reader();
    private final DeviceHarness harness = new DeviceHarness();

    @BeforeEach
    void configureTwoSegmentsAndLearnInOne() {
        fdb.configure(SEGMENT, 10, 300 * SECOND);
        fdb.configure(SEGMENT + 1, 10, 300 * SECOND);
        bridge.learning(SEGMENT, true);
    }

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void learnsAnUnknownSource() {
        assertEquals(Verdict.forward(0), learn(A, TUNNEL, 0));
        assertEquals(1, raises.get());
        bridge.applyLearns(0);
        assertEquals(TUNNEL, port(A));
    }

    @Test
    void learnsFromLocalPortsAlone() {
        bridge.learning(SEGMENT, Learning.PORTS);
        assertEquals(Verdict.forward(0), learn(A, TUNNEL, 0));
        assertEquals(Verdict.forward(0), learn(B, 1, 0));
        bridge.applyLearns(0);
        assertFalse(reader.find(SEGMENT, A));
        assertEquals(1, port(B));
    }

    @Test
    void anEntryOfAControlPlaneYieldsToALocalPortAndToNoTunnel() {
        give(A, TUNNEL, false);
        give(B, TUNNEL, true);
        assertEquals(Verdict.forward(0), learn(A, OTHER_TUNNEL, 0));
        assertEquals(0, raises.get(), "nobody is asked to move it");
        assertEquals(Verdict.drop(DropReason.FDB_STATIC_ENTRY), learn(B, 1, 0));
        assertEquals(TUNNEL, port(A));
        assertEquals(Verdict.forward(0), learn(A, 1, 0));
        assertEquals(1, bridge.applyLearns(0));
        assertEquals(1, port(A));
        assertEquals(TUNNEL, port(B));
    }

    private void give(long mac, int port, boolean isSticky) {
        assertEquals(FdbGiven.Outcome.GIVEN, fdb.given().set(SEGMENT, mac, port, isSticky, 0));
        fdb.given().publish();
    }

    @Test
    void anUnknownDestinationIsDroppedWhereTheSegmentSaysSo() {
        bridge.dropUnknown(SEGMENT, true);
        assertEquals(
                Verdict.drop(DropReason.UNKNOWN_UNICAST),
                harness.verdictOnce(forward, harness.frame(B, A, SEGMENT, 1), 0));
        assertEquals(Verdict.flood(SEGMENT), harness.verdictOnce(forward, harness.frame(BROADCAST, A, SEGMENT, 1), 0));
        assertEquals(Verdict.flood(SEGMENT + 1), harness.verdictOnce(forward, harness.frame(B, A, SEGMENT + 1, 1), 0));
    }

    @Test
    void floodsAreCountedByTheirKind() {
        fdb.learn(SEGMENT, A, 1, 0);
        harness.verdictOnce(forward, harness.frame(A, B, SEGMENT, 2), 0);
        assertEquals(0, bridge.unknownUnicasts(SEGMENT) + bridge.groupFloods(SEGMENT));
        harness.verdictOnce(forward, harness.frame(B, A, SEGMENT, 1), 0);
        harness.verdictOnce(forward, harness.frame(BROADCAST, A, SEGMENT, 1), 0);
        harness.verdictOnce(bridge.forward(), harness.frame(B, A, SEGMENT, 1), 0);
        harness.verdictOnce(forward, harness.frame(0x0180_c200_0000L, A, SEGMENT, 1), 0);
        harness.verdictOnce(forward, harness.frame(B, A, SEGMENT + 1, 1), 0);
        assertEquals(2, bridge.unknownUnicasts(SEGMENT), "of all workers");
        assertEquals(1, bridge.groupFloods(SEGMENT), "without the reserved group, which is not flooded");
        assertEquals(1, bridge.unknownUnicasts(SEGMENT + 1));
        assertEquals(0, bridge.unknownUnicasts(1_000_000), "a segment that nobody has counted in");
    }

    @Test
    void aWorkersNewsAreNotMixedUpWithAnothers() {
        Stage otherWorker = bridge.learn();
        learn(A, 1, 0);
        harness.verdictOnce(otherWorker, harness.frame(BROADCAST, B, SEGMENT, 2), 0);
        bridge.applyLearns(0);
        assertEquals(1, port(A));
        assertEquals(2, port(B));
        assertEquals(0, bridge.learnsDropped());
    }

    @Test
    void followsASourceThatMoved() {
        fdb.learn(SEGMENT, A, 1, 0);
        assertEquals(Verdict.forward(0), learn(A, 2, 0));
        assertEquals(1, bridge.applyLearns(0));
        assertEquals(2, port(A));
    }

    @Test
    void keepsAKnownSourceYoungWithoutTheControlThread() {
        fdb.learn(SEGMENT, A, 1, 0);
        learn(A, 1, 299 * SECOND);
        assertEquals(0, raises.get());
        assertEquals(0, fdb.age(301 * SECOND));
    }

    @Test
    void learnsNothingWhereLearningIsOff() {
        bridge.learning(SEGMENT, false);
        assertEquals(Verdict.forward(0), learn(A, 1, 0));
        bridge.applyLearns(0);
        assertEquals(0, fdb.size());
        assertEquals(
                Verdict.forward(0),
                harness.verdictOnce(learn, harness.frame(BROADCAST, A, 77, 1), 0),
                "a segment that nobody ever set");
    }

    @Test
    void dropsGroupAndZeroSources() {
        assertEquals(Verdict.drop(DropReason.MAC_INVALID_SOURCE), learn(0x0100_5e00_0001L, 1, 0));
        assertEquals(Verdict.drop(DropReason.MAC_INVALID_SOURCE), learn(BROADCAST, 1, 0));
        assertEquals(Verdict.drop(DropReason.MAC_INVALID_SOURCE), learn(0, 1, 0));
    }

    @Test
    void dropsASourceThatAStaticEntryPlacesElsewhere() {
        fdb.add(SEGMENT, A, 1, true, 0);
        assertEquals(Verdict.drop(DropReason.FDB_STATIC_ENTRY), learn(A, TUNNEL, 0));
        assertEquals(Verdict.forward(0), learn(A, 1, 0));
        assertEquals(0, raises.get());
    }

    @Test
    void dropsASourceThatAStickyEntryPlacesElsewhere() {
        fdb.add(SEGMENT, A, 1, Fdb.Kind.STICKY, 0);
        assertEquals(Verdict.drop(DropReason.FDB_STATIC_ENTRY), learn(A, TUNNEL, 0));
        assertEquals(Verdict.forward(0), learn(A, 1, 200 * SECOND));
        assertEquals(0, fdb.age(400 * SECOND), "its own frames keep it young");
        assertEquals(1, fdb.age(500 * SECOND));
    }

    @Test
    void framesToAMacDoNotKeepItYoung() {
        fdb.learn(SEGMENT, A, 1, 0);
        forward(A, TUNNEL);
        assertEquals(1, fdb.age(300 * SECOND));
    }

    @Test
    void forwardsToALocalPort() {
        fdb.learn(SEGMENT, A, 3, 0);
        Packet packet = harness.frame(A, B, SEGMENT, TUNNEL);
        assertEquals(Verdict.forward(0), harness.verdict(forward, packet, 0));
        assertEquals(3, packet.outPort());
        harness.release(packet);
    }

    @Test
    void forwardsToATunnel() {
        fdb.learn(SEGMENT, A, OTHER_TUNNEL, 0);
        Packet packet = harness.frame(A, B, SEGMENT, 0);
        assertEquals(Verdict.forward(0), harness.verdict(forward, packet, 0));
        assertEquals(OTHER_TUNNEL, packet.outPort());
        harness.release(packet);
    }

    /** Spanning tree, LACP, LLDP and others end at a bridge: lldpd 451, openwrt 14562, kubevirt 2292, netlab 1582. */
    @Test
    void keepsReservedGroupAddressesToItself() {
        int dropped = Verdict.drop(DropReason.MAC_RESERVED_GROUP);
        for (int group = 0; group < 16; group++) {
            assertEquals(dropped, forward(0x0180_c200_0000L + group, 0));
        }
        assertEquals(Verdict.flood(SEGMENT), forward(0x0180_c200_0010L, 0), "the bridge management group is no such");
        assertEquals(Verdict.flood(SEGMENT), forward(0x0180_c1ff_ffffL, 0));
        bridge.forwardGroups(SEGMENT, 1 << 14);
        assertEquals(Verdict.flood(SEGMENT), forward(0x0180_c200_000eL, 0), "LLDP, as the mask says");
        assertEquals(dropped, forward(0x0180_c200_0000L, 0));
        bridge.forwardGroups(SEGMENT, 0xffff);
        assertEquals(Verdict.flood(SEGMENT), forward(0x0180_c200_000fL, 0));
    }

    @Test
    void floodsGroupAndUnknownDestinationsInTheirSegment() {
        fdb.learn(SEGMENT + 1, A, 1, 0);
        assertEquals(Verdict.flood(SEGMENT), forward(BROADCAST, 0));
        assertEquals(Verdict.flood(SEGMENT), forward(0x3333_0000_0001L, 0));
        assertEquals(Verdict.flood(SEGMENT), forward(A, 0));
    }

    @Test
    void sendsNothingBackWhereItCameFrom() {
        fdb.learn(SEGMENT, A, 1, 0);
        fdb.learn(SEGMENT, B, TUNNEL, 0);
        assertEquals(Verdict.drop(DropReason.SAME_PORT), forward(A, 1));
        assertEquals(Verdict.drop(DropReason.SAME_PORT), forward(B, TUNNEL));
    }

    @Test
    void relaysNothingFromTunnelToTunnel() {
        fdb.learn(SEGMENT, A, TUNNEL, 0);
        assertEquals(Verdict.drop(DropReason.TUNNEL_TO_TUNNEL), forward(A, OTHER_TUNNEL));
    }

    @Test
    void dropsForAPortThatDoesNotExist() {
        fdb.learn(SEGMENT, A, 4, 0);
        assertEquals(Verdict.drop(DropReason.PORT_UNKNOWN), forward(A, 0));
    }

    @Test
    void leadsEveryPortToItsOwnExit() {
        assertEquals(Bridge.TUNNEL_EXIT, Bridge.exitTo(TUNNEL));
        assertEquals(Bridge.TUNNEL_EXIT, Bridge.exitTo(OTHER_TUNNEL));
        assertEquals(1, Bridge.exitTo(0));
        assertEquals(4, Bridge.exitTo(3));
    }

    @Test
    void handsOutTheFloodGroupsThatWereSetLast() {
        FloodGroups groups = new FloodGroups(new int[][] {{1, 2}});
        bridge.groups(groups);
        assertSame(groups, bridge.groups());
    }

    @Test
    void looksUpEachPacketOfAMixedBatchByItself() {
        fdb.learn(SEGMENT, A, 1, 0);
        fdb.learn(SEGMENT + 1, A, 2, 0);
        Batch batch = new Batch();
        batch.add(harness.frame(A, B, SEGMENT, 0));
        batch.add(harness.frame(A, B, SEGMENT, 0));
        batch.add(harness.frame(A, B, SEGMENT + 1, 0));
        batch.add(harness.frame(B, B, SEGMENT, 0));
        batch.add(harness.frame(A, B, SEGMENT, 1));
        forward.process(batch);
        assertEquals(Verdict.forward(0), batch.verdict(0));
        assertEquals(1, batch.packet(0).outPort());
        assertEquals(1, batch.packet(1).outPort());
        assertEquals(2, batch.packet(2).outPort());
        assertEquals(Verdict.flood(SEGMENT), batch.verdict(3));
        assertEquals(Verdict.drop(DropReason.SAME_PORT), batch.verdict(4));
        batch.release();
    }

    private int learn(long source, int inPort, long nowNanos) {
        return harness.verdictOnce(learn, harness.frame(BROADCAST, source, SEGMENT, inPort), nowNanos);
    }

    private int forward(long destination, int inPort) {
        return harness.verdictOnce(forward, harness.frame(destination, 0x0200_0000_00ffL, SEGMENT, inPort), 0);
    }

    private int port(long mac) {
        reader.forget();
        assertTrue(reader.find(SEGMENT, mac));
        assertFalse(reader.isStatic());
        return reader.port();
    }
}
