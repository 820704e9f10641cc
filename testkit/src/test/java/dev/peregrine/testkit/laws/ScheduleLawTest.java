package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.policy.Action;
import dev.peregrine.dataplane.policy.Hits;
import dev.peregrine.dataplane.policy.PolicySnapshot;
import dev.peregrine.dataplane.policy.Rule;
import dev.peregrine.dataplane.policy.RuleList;
import dev.peregrine.dataplane.policy.ScopePolicy;
import dev.peregrine.dataplane.policy.match.Match;
import dev.peregrine.dataplane.schedule.GracePeriod;
import dev.peregrine.dataplane.schedule.Schedule;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.testkit.GatewayShape;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.vxlan.Segment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/**
 * Law 3: any schedule gives, per flow, the output of run-to-completion on one worker: with its table fixed, each frame
 * once to each receiver, in the order in which the flow sent them. Workers stall, loads change so that flows move, and
 * the schedule changes, all in seeded interleavings.
 */
class ScheduleLawTest {
    private static final int VNI = 42;
    private static final int PORTS = 3;
    private static final int REMOTES = 2;
    private static final int MTU = 1450;
    private static final int WAVES = 40;
    private static final int TURNS = 60;
    private static final int MOST_BUFFERS = 400;
    private static final int STAMP = 2 * Integer.BYTES;

    /** Packets that took the fast path under other schedules than run-to-completion. */
    private static long hits;

    @AfterAll
    static void theFastPathWasTaken() {
        assertTrue(hits > 200, () -> "only " + hits + " hits");
    }

    @RepeatedTest(12)
    void anyScheduleGivesPerFlowWhatOneWorkerGives() {
        Gen gen = Gen.ofThisRun();
        try (Run run = new Run(gen, 1 + gen.below(8))) {
            run.live(true, WAVES);
            run.assertInOrder();
            assertEquals(0, run.reorders(), gen::toString);
        }
    }

    @Test
    void withoutTheGuardPacketsOvertakeEachOtherAndAreCounted() {
        Gen gen = Gen.ofThisRun();
        long reorders = 0;
        for (int i = 0; i < 10 && reorders == 0; i++) {
            try (Run run = new Run(gen, 4)) {
                run.live(false, WAVES);
                reorders += run.reorders();
            }
        }
        assertTrue(reorders > 0, () -> gen + ": a guard that nobody needs");
    }

    /**
     * A stream of frames: from remote VTEP {@code remote} to a port, or if that is -1 from the port to {@code target}.
     */
    private record Flow(
            int id, int remote, int target, int port, boolean broadcast, FrameBuilder frames, List<byte[]> sent) {}

    private static final class Run implements AutoCloseable {
        private final Gen gen;
        private final int workers;
        private final boolean cached;
        private final MemoryNetwork network = new MemoryNetwork();
        private final MemoryGateway gateway;
        private final List<Flow> flows = new ArrayList<>();

        /** The frames that arrived, by receiver and flow. */
        private final Map<String, List<byte[]>> arrived = new LinkedHashMap<>();

        private final boolean[] busy;
        private final boolean[] stalled;
        private final long[] busyNanos;
        private boolean guarded;
        private long hitsBefore;
        private int waiting;

        private Run(Gen gen, int workers) {
            this.gen = gen;
            this.workers = workers;
            cached = !gen.oneIn(4);
            busy = new boolean[workers];
            stalled = new boolean[workers];
            busyNanos = new long[workers];
            List<Segment> segments = List.of(new Segment(0, VNI, MTU, false));
            List<Integer> ports = new ArrayList<>();
            for (int i = 0; i < PORTS; i++) {
                ports.add(0);
            }
            GatewayShape shape = new GatewayShape(
                    segments, ports, MOST_BUFFERS, 1 << 14, 16, gen.oneIn(2), stage -> stage, cached ? 64 : 0, workers);
            gateway = new MemoryGateway(network, World.address(0), shape);
            gateway.group().checkAllFlows();
            gateway.bridge().learning(0, false);
            for (int port = 0; port < PORTS; port++) {
                gateway.fdb().add(0, mac(port), port, true, 0);
            }
            for (int remote = 0; remote < REMOTES; remote++) {
                int name = remote;
                gateway.fdb().add(0, mac(PORTS + remote), gateway.addVtep(World.address(1 + remote)), true, 0);
                network.connect(World.address(1 + remote), datagram -> take("remote " + name, inner(datagram)));
            }
            for (int id = 0; id < 12; id++) {
                flows.add(flow(id));
            }
            if (gen.oneIn(2)) {
                gateway.policy().publish(policy());
            }
        }

        /**
         * Rules that let everything pass, but have every packet counted, and every flow followed, at each port and VNI.
         */
        private PolicySnapshot policy() {
            PolicySnapshot snapshot = PolicySnapshot.EMPTY.withSegment(0, scope());
            for (int port = 0; port < PORTS; port++) {
                snapshot = snapshot.withPort(port, scope());
            }
            return snapshot;
        }

        private ScopePolicy scope() {
            RuleList rules = RuleList.of(List.of(Rule.of("all", Action.ALLOW, Match.ALL)), false, workers, null, 0);
            return new ScopePolicy(rules, rules, null, null, null, null, new Hits(workers));
        }

        private static long mac(int site) {
            return 0x0200_0000_0100L + site;
        }

        private static byte[] inner(Datagram datagram) {
            return Arrays.copyOfRange(datagram.payload(), Long.BYTES, datagram.payload().length);
        }

        /** From a remote VTEP to a port, to all ports, or from a port to a remote VTEP. */
        private Flow flow(int id) {
            int remote = gen.below(REMOTES);
            int port = gen.below(PORTS);
            boolean broadcast = id % 6 == 5;
            boolean inwards = broadcast || id % 3 != 0;
            long there = mac(PORTS + remote);
            FrameBuilder frames = broadcast
                    ? gen.transport(EthernetHeader.BROADCAST, there)
                    : inwards ? gen.transport(mac(port), there) : gen.transport(there, mac(port));
            return new Flow(
                    id,
                    inwards ? remote : -1,
                    remote,
                    port,
                    broadcast,
                    frames.ports(1000 + id, 2000),
                    new ArrayList<>());
        }

        private void live(boolean guard, int waves) {
            guarded = guard;
            gateway.schedule(anySchedule());
            for (int wave = 0; wave < waves; wave++) {
                send();
                for (int turn = 0; turn < TURNS; turn++) {
                    disturb();
                    int worker = gen.below(workers);
                    if (!stalled[worker]) {
                        gateway.turn(worker, 1 + gen.below(40));
                    }
                }
                if (guarded && gen.oneIn(8)) {
                    countHits();
                    gateway.schedule(anySchedule());
                }
                if (waiting > MOST_BUFFERS / 4) {
                    settle();
                }
            }
            settle();
            countHits();
        }

        private void countHits() {
            long now = 0;
            for (int worker = 0; cached && worker < workers; worker++) {
                now += gateway.fastPath(worker).counters().hits();
            }
            hits += gateway.group().schedule() instanceof Schedule.RunToCompletion ? 0 : now - hitsBefore;
            hitsBefore = now;
        }

        private void settle() {
            gateway.run();
            waiting = 0;
            collect();
        }

        private void send() {
            Flow flow = flows.get(gen.below(flows.size()));
            for (int i = gen.below(40); i >= 0; i--) {
                if (gen.oneIn(3)) {
                    flow = flows.get(gen.below(flows.size()));
                }
                byte[] payload = new byte[STAMP + gen.below(40)];
                ByteBuffer.wrap(payload, payload.length - STAMP, STAMP)
                        .putInt(flow.id())
                        .putInt(flow.sent().size());
                byte[] frame = flow.frames().payload(payload).build();
                flow.sent().add(frame);
                waiting++;
                if (flow.remote() >= 0) {
                    network.send(new Datagram(
                            World.address(1 + flow.remote()),
                            World.address(0),
                            50_000 + flow.id(),
                            0,
                            64,
                            World.vxlan(VNI, frame)));
                } else {
                    gateway.endpoint(flow.port()).send(frame);
                }
            }
        }

        private void disturb() {
            int worker = gen.below(workers);
            switch (gen.below(20)) {
                case 0 -> stalled[worker] = true;
                case 1, 2 -> stalled[worker] = false;
                case 3 -> busy[worker] = !busy[worker];
                case 4, 5, 6, 7 -> sample();
                case 8 -> gateway.fastPathSwitch().turn(false);
                case 9, 10, 11 -> gateway.fastPathSwitch().turn(true);
                default -> {}
            }
        }

        private void sample() {
            gateway.advance(1_000);
            for (int i = 0; i < workers; i++) {
                busyNanos[i] += busy[i] ? 1_000 : 0;
            }
            gateway.group().sample(gateway.nowNanos(), busyNanos);
        }

        private Schedule anySchedule() {
            Schedule.Pipelined pipelined = Schedule.Pipelined.of(Schedule.Balance.TWO_CHOICES)
                    .loadThreshold(20 + gen.below(50))
                    .guarded(guarded)
                    .split(gen.oneIn(3));
            return switch (gen.below(guarded ? 8 : 1)) {
                case 6 -> new Schedule.Queued(1024);
                case 7 -> new Schedule.RunToCompletion();
                default -> pipelined;
            };
        }

        private void collect() {
            for (int port = 0; port < PORTS; port++) {
                for (byte[] frame : gateway.endpoint(port).received()) {
                    take("port " + port, frame);
                }
            }
        }

        private void take(String receiver, byte[] frame) {
            int flow = ByteBuffer.wrap(frame, frame.length - STAMP, STAMP).getInt();
            arrived.computeIfAbsent(receiver + ", flow " + flow, key -> new ArrayList<>())
                    .add(frame);
        }

        private long reorders() {
            long sum = 0;
            for (int i = 0; i < workers; i++) {
                sum += gateway.group().reorders(i);
            }
            return sum;
        }

        private void assertInOrder() {
            assertEquals(List.of(), gateway.faults(), gen::toString);
            for (DropReason reason : DropReason.values()) {
                assertEquals(0, gateway.dropped(reason), () -> gen + ": " + reason);
            }
            assertTrue(gateway.isAtRest(), () -> gen + ": a pool is not full at rest");
            assertTimeoutPreemptively(
                    Duration.ofSeconds(10), () -> GracePeriod.await(gateway.group(), 8), gen::toString);
            for (Flow flow : flows) {
                for (int port = 0; port < PORTS; port++) {
                    boolean receives = flow.remote() >= 0 && (flow.broadcast() || port == flow.port());
                    assertArrived("port " + port, flow, receives);
                }
                if (flow.remote() < 0) {
                    assertArrived("remote " + flow.target(), flow, true);
                }
            }
            assertCounted();
        }

        /** The counters of ports say what came and went, by whichever way. */
        private void assertCounted() {
            for (int port = 0; port < PORTS; port++) {
                int number = port;
                long sent = flows.stream()
                        .filter(flow -> flow.remote() < 0 && flow.port() == number)
                        .mapToLong(flow -> flow.sent().size())
                        .sum();
                String prefix = "port " + port + ",";
                long received = arrived.entrySet().stream()
                        .filter(entry -> entry.getKey().startsWith(prefix))
                        .mapToLong(entry -> entry.getValue().size())
                        .sum();
                assertEquals(sent, gateway.port(port).rxPackets(), () -> gen + ", rx of port " + number);
                assertEquals(received, gateway.port(port).txPackets(), () -> gen + ", tx of port " + number);
            }
        }

        private void assertArrived(String receiver, Flow flow, boolean receives) {
            List<byte[]> frames = arrived.getOrDefault(receiver + ", flow " + flow.id(), List.of());
            String where = gen + ", " + workers + " workers, " + receiver + ", flow " + flow.id();
            List<Integer> numbers = frames.stream()
                    .map(frame -> ByteBuffer.wrap(frame, frame.length - Integer.BYTES, Integer.BYTES)
                            .getInt())
                    .toList();
            List<Integer> expected = new ArrayList<>();
            for (int i = 0; receives && i < flow.sent().size(); i++) {
                expected.add(i);
            }
            assertEquals(expected, numbers, where);
            for (int i = 0; i < expected.size(); i++) {
                assertArrayEquals(flow.sent().get(i), frames.get(i), where + ", frame " + i);
            }
        }

        @Override
        public void close() {
            gateway.close();
        }
    }
}
