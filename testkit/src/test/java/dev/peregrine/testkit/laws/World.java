package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.schedule.Schedule;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.testkit.GatewayShape;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryEndpoint;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.Segment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;

/**
 * Several gateways in one network, all with the same VNIs and each flooding to all others, with a workload at every
 * port. Gateways number their segments differently.
 */
final class World implements AutoCloseable {
    static final int MTU = 1450;
    static final int FIRST_VNI = 100;

    private static final long FIRST_ADDRESS = 0xffff_c612_0001L;

    private static final long VXLAN_I_FLAG = 0x0800_0000_0000_0000L;

    final Gen gen;
    final MemoryNetwork network;
    final List<MemoryGateway> gateways = new ArrayList<>();
    final List<Site> sites = new ArrayList<>();
    private boolean waits = true;

    /** A workload: where it is attached, and its MAC. */
    record Site(MemoryGateway gateway, int port, int vni, long mac) {
        MemoryEndpoint workload() {
            return gateway.endpoint(port);
        }
    }

    /** A random world; {@code buffers} is the size of each gateway's pool, {@code queue} of each receive queue. */
    World(Gen gen, int gatewayCount, int vnis, int portsEach, int buffers, int queue) {
        this(gen, gatewayCount, vnis, portsEach, buffers, queue, UnaryOperator.identity());
    }

    /** A random world with other stages in place of some, as {@link GatewayShape} has it. */
    World(Gen gen, int gatewayCount, int vnis, int portsEach, int buffers, int queue, UnaryOperator<Stage> stages) {
        this(gen, new MemoryNetwork(), gatewayCount, vnis, portsEach, buffers, queue, 0, 1, stages);
    }

    /** A random world in a network that is there already. */
    World(Gen gen, MemoryNetwork network, int gatewayCount, int vnis, int portsEach, int buffers, int queue) {
        this(gen, network, gatewayCount, vnis, portsEach, buffers, queue, 0, 1, UnaryOperator.identity());
    }

    /** A random world with flow caches for a number of flows, each gateway with {@code workers}. */
    World(Gen gen, int gatewayCount, int vnis, int portsEach, int buffers, int queue, int flows, int workers) {
        this(
                gen,
                new MemoryNetwork(),
                gatewayCount,
                vnis,
                portsEach,
                buffers,
                queue,
                flows,
                workers,
                UnaryOperator.identity());
    }

    World(
            Gen gen,
            MemoryNetwork network,
            int gatewayCount,
            int vnis,
            int portsEach,
            int buffers,
            int queue,
            int flows,
            int workers,
            UnaryOperator<Stage> stages) {
        this.gen = gen;
        this.network = network;
        for (int g = 0; g < gatewayCount; g++) {
            List<Segment> segments = shuffledSegments(vnis);
            List<Integer> portSegments = new ArrayList<>();
            for (int p = 0; p < portsEach; p++) {
                portSegments.add(gen.below(vnis));
            }
            MemoryGateway gateway = new MemoryGateway(
                    network,
                    address(g),
                    new GatewayShape(
                            segments,
                            portSegments,
                            buffers,
                            queue,
                            64,
                            gen.oneIn(2),
                            stages,
                            flows,
                            workers,
                            g % 2 == 0));
            // With the stage in the graph and without; it lets all pass, as the laws have it.
            segments.forEach(segment -> gateway.bridge().neighbours().configure(segment.index(), false, 0, 0));
            gateways.add(gateway);
            for (int p = 0; p < portsEach; p++) {
                int vni = segments.get(portSegments.get(p)).vni();
                sites.add(new Site(gateway, p, vni, gen.mac()));
            }
        }
        for (int g = 0; g < gatewayCount; g++) {
            floodToAllOthers(g, vnis);
        }
    }

    /** From now on no packet waits within a gateway. */
    World onlyToCompletion() {
        waits = false;
        return this;
    }

    /** Any schedule. */
    Schedule anySchedule() {
        if (!waits) {
            return new Schedule.RunToCompletion();
        }
        Schedule.Balance balance = gen.oneIn(2) ? Schedule.Balance.STATIC : Schedule.Balance.TWO_CHOICES;
        return switch (gen.below(5)) {
            case 0 -> new Schedule.Queued(1 + gen.below(100));
            case 1 -> new Schedule.RunToCompletion();
            case 2 -> Schedule.Pipelined.of(balance).split(true);
            default -> Schedule.Pipelined.of(balance);
        };
    }

    private List<Segment> shuffledSegments(int vnis) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < vnis; i++) {
            numbers.add(FIRST_VNI + i);
        }
        Collections.shuffle(numbers, new Random(gen.below(Integer.MAX_VALUE)));
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < vnis; i++) {
            segments.add(new Segment(i, numbers.get(i), MTU, false));
        }
        return segments;
    }

    private void floodToAllOthers(int self, int vnis) {
        List<Integer> tunnels = new ArrayList<>();
        for (int g = 0; g < gateways.size(); g++) {
            if (g != self) {
                tunnels.add(gateways.get(self).addVtep(address(g)));
            }
        }
        Map<Integer, List<Integer>> members = new HashMap<>();
        for (int segment = 0; segment < vnis; segment++) {
            members.put(segment, tunnels);
        }
        gateways.get(self).flood(members);
    }

    /** The underlay address of a gateway, or, for a number past the last, one that nobody has. */
    static IpAddress address(int gateway) {
        return new IpAddress(0, FIRST_ADDRESS + gateway);
    }

    /** The UDP payload that carries a frame in a VNI (RFC 7348 section 5). */
    static byte[] vxlan(int vni, byte[] frame) {
        return ByteBuffer.allocate(Long.BYTES + frame.length)
                .putLong(VXLAN_I_FLAG | ((long) vni << 8))
                .put(frame)
                .array();
    }

    /** Any workload. */
    Site anySite() {
        return sites.get(gen.below(sites.size()));
    }

    /** Lets the gateways take turns until all are idle. */
    void run() {
        boolean busy = true;
        while (busy) {
            busy = false;
            for (MemoryGateway gateway : gateways) {
                busy |= gateway.run();
            }
        }
    }

    /** Law 2, for every gateway that is idle; {@code moment} says when, for the message. */
    void assertConservation(Object moment) {
        for (MemoryGateway gateway : gateways) {
            String where = gen + ", " + moment + ", gateway " + gateways.indexOf(gateway);
            assertEquals(List.of(), gateway.faults(), where);
        }
        assertBalance(moment);
    }

    /** Law 2 alone, whatever failed. */
    void assertBalance(Object moment) {
        for (MemoryGateway gateway : gateways) {
            String where = gen + ", " + moment + ", gateway " + gateways.indexOf(gateway);
            long lostBeforeTheGraph = gateway.dropped(DropReason.UNDERLAY_RECEIVE_OVERFLOW)
                    + gateway.dropped(DropReason.UNDERLAY_TRUNCATED);
            assertEquals(
                    gateway.segmentsIn() + gateway.segmentsCopied() + gateway.segmentsAnswered(),
                    gateway.segmentsOut() + gateway.dropped() - lostBeforeTheGraph + gateway.segmentsConsumed(),
                    where);
            assertTrue(gateway.isAtRest(), () -> where + ": a pool is not full at rest");
        }
    }

    @Override
    public void close() {
        gateways.forEach(MemoryGateway::close);
    }
}
