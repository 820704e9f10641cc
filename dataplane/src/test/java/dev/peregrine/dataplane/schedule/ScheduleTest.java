package dev.peregrine.dataplane.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.schedule.Topology.Kind;
import dev.peregrine.dataplane.schedule.Topology.Terminal;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;
import dev.peregrine.dataplane.stage.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A chain of three devices under every schedule, with two workers that take turns when told to. */
class ScheduleTest {
    private static final int WORKERS = 2;
    private static final Kind A = new Kind("a");
    private static final Kind B = new Kind("b");
    private static final Kind C = new Kind("c");
    private static final Map<String, Integer> IDS = Map.of("underlay", 1, "a", 3, "b", 5, "c", 7);

    private final List<Lane> lanes = List.of(new Lane(0), new Lane(1));
    private final WorkerGroup group =
            new WorkerGroup(lanes.stream().map(lane -> lane.worker).toList(), 128);
    /** The worker whose stages throw; -1 for none. */
    private int broken = -1;

    private final Topology topology = new Topology()
            .receiver(new Kind("underlay").at("coalesce"), ScheduleTest::receiver, A.at("stage"))
            .stage(A.at("stage"), this::stage, B.at("stage"))
            .stage(B.at("stage"), this::stage, C.at("stage"))
            .stage(C.at("stage"), this::stage, new Terminal("out"));

    private final List<Integer> delivered = new ArrayList<>();

    /** For each delivered packet which worker ran a, b and c, as digits. */
    private final List<String> trails = new ArrayList<>();

    @AfterEach
    void close() {
        for (Lane lane : lanes) {
            lane.pool.takeReturns();
            assertTrue(lane.pool.isFull());
            lane.pool.close();
        }
    }

    @Test
    void runToCompletionStaysOnOneWorkerWithinOneTurn() {
        follow(new Schedule.RunToCompletion());
        lanes.get(1).feed(0, 10);
        assertEquals(10, lanes.get(1).worker.run(1000));
        assertEquals(10, delivered.size());
        assertEquals(List.of("111"), trails.stream().distinct().toList());
    }

    @Test
    void queuedStaysOnOneWorkerAndWaitsBeforeEachDevice() {
        follow(new Schedule.Queued(100));
        lanes.get(0).feed(0, 10);
        lanes.get(0).worker.run(10);
        assertEquals(10, lanes.get(0).graph().queueDepth("b.stage"));
        assertEquals(0, delivered.size());
        run();
        assertEquals(range(0, 10), delivered);
        assertEquals(List.of("000"), trails.stream().distinct().toList());
    }

    @Test
    void aFullQueueDropsAndCounts() {
        follow(new Schedule.Queued(6));
        lanes.get(0).feed(0, 10);
        run();
        assertEquals(4, lanes.get(0).drops.count(DropReason.LINK_FULL));
        assertEquals(range(0, 6), delivered);
    }

    @Test
    void pipelinedRunsEachDeviceWhereTheHashSays() {
        follow(Schedule.Pipelined.of(Schedule.Balance.STATIC));
        lanes.get(0).feed(1, 50);
        run();
        assertEquals(50, delivered.size());
        Steering steering = Objects.requireNonNull(group.steering());
        for (int i = 0; i < 50; i++) {
            int flow = delivered.get(i);
            assertEquals("0" + steering.worker(flow, 5, 0, 0) + steering.worker(flow, 7, 0, 0), trails.get(i));
        }
        assertTrue(group.handOffs(0) > 0 && group.handOffs(1) > 0);
        assertTrue(trails.stream().distinct().count() > 2);
    }

    @Test
    void pipelinedStaysAtHomeWhileAllAreBusy() {
        follow(Schedule.Pipelined.of(Schedule.Balance.TWO_CHOICES));
        long[] busy = new long[WORKERS];
        for (int tick = 1; tick <= 20; tick++) {
            busy[0] += 100;
            busy[1] += 100;
            group.sample(tick * 100L, busy);
        }
        lanes.get(1).feed(0, 20);
        run();
        assertEquals(List.of("111"), trails.stream().distinct().toList());
        assertEquals(0, group.handOffs(1));
    }

    @Test
    void whatIsStackedRunsWhereTheOtherDeviceDoes() {
        topology.stack(B, A);
        follow(Schedule.Pipelined.of(Schedule.Balance.STATIC));
        lanes.get(0).feed(1, 50);
        run();
        assertEquals(50, delivered.size());
        assertTrue(trails.stream().allMatch(trail -> trail.startsWith("00")), trails::toString);
        assertTrue(trails.stream().anyMatch(trail -> trail.endsWith("1")), trails::toString);
        assertEquals(2, topology.hops());
    }

    @Test
    void splitHandsOverBeforeTheReceivingDeviceIsThrough() {
        follow(Schedule.Pipelined.of(Schedule.Balance.STATIC).split(true));
        lanes.get(0).feed(0, 10);
        run();
        int coalescing = Objects.requireNonNull(group.steering()).worker(Lane.SENDER, 1, 0, 0);
        assertEquals(10, delivered.size());
        assertTrue(trails.stream().allMatch(trail -> trail.length() == 4 && trail.charAt(0) == '1' + coalescing));
        lanes.get(1 - coalescing).feed(0, 10);
        run();
        assertTrue(group.handOffs(1 - coalescing) >= 10);
    }

    @Test
    void theScheduleChangesWhileNothingIsUnderWayAndCountersGoOn() {
        for (Schedule schedule : List.of(
                Schedule.Pipelined.of(Schedule.Balance.TWO_CHOICES),
                new Schedule.Queued(64),
                new Schedule.RunToCompletion())) {
            follow(schedule);
            lanes.get(0).feed(0, 7);
            run();
        }
        assertEquals(21, delivered.size());
        assertEquals(21, lanes.get(0).graph().node("a.stage").counters().packets());
    }

    @Test
    void aWorkerThatIsPausedWorksOffWhatIsInItsGraph() {
        follow(new Schedule.Queued(64));
        Worker worker = lanes.get(0).worker;
        lanes.get(0).feed(0, 20);
        worker.run(10);
        assertFalse(worker.isDrained());
        worker.pause(true);
        run();
        assertTrue(worker.isDrained());
        int soFar = delivered.size();
        assertNotEquals(0, soFar);
        worker.run(1000);
        assertEquals(soFar, delivered.size());
        worker.pause(false);
        lanes.get(0).feed(20, 1);
        run();
        assertEquals(range(0, 21), delivered);
    }

    @Test
    void aWorkerThatStallsStopsOnlyTheFlowsThatNeedIt() {
        follow(Schedule.Pipelined.of(Schedule.Balance.STATIC));
        Steering steering = Objects.requireNonNull(group.steering());
        List<Integer> local = new ArrayList<>();
        for (int flow = 0; flow < 100; flow++) {
            if (steering.worker(flow, 5, 0, 0) == 0 && steering.worker(flow, 7, 0, 0) == 0) {
                local.add(flow);
            }
        }
        lanes.get(0).feed(0, 100);
        lanes.get(0).worker.run(1000);
        lanes.get(0).worker.run(1000); // a source gives one batch a turn
        assertEquals(local, delivered);
        assertEquals(100 - local.size(), group.depth(1));
        run();
        assertEquals(100, delivered.size());
    }

    @Test
    void aStageThatThrowsOnOneWorkerCostsOnlyItsBatch() {
        broken = 1;
        follow(Schedule.Pipelined.of(Schedule.Balance.STATIC));
        lanes.get(0).feed(0, 100);
        run();
        long failed = lanes.get(1).drops.count(DropReason.STAGE_FAILED);
        assertTrue(failed > 0 && failed < 100);
        assertEquals(failed, 100 - delivered.size());
        assertEquals(0, lanes.get(0).drops.total());
        assertTrue(trails.stream().noneMatch(trail -> trail.contains("1")));
    }

    private void follow(Schedule schedule) {
        group.schedule(schedule instanceof Schedule.Pipelined p ? withIds(p) : schedule);
        lanes.forEach(Lane::assemble);
    }

    private static Schedule withIds(Schedule.Pipelined p) {
        return new Schedule.Pipelined(p.balance(), p.loadThreshold(), p.split(), p.guarded(), p.workers(), IDS);
    }

    private void run() {
        boolean busy = true;
        while (busy) {
            busy = false;
            for (Lane lane : lanes) {
                busy |= lane.worker.run(1000) > 0;
            }
        }
    }

    private static List<Integer> range(int from, int to) {
        List<Integer> range = new ArrayList<>();
        for (int i = from; i < to; i++) {
            range.add(i);
        }
        return range;
    }

    /** One worker with what is its own. Each stage adds its digit to the trail, which is kept in the egress port. */
    private final class Lane implements Source, Sink {
        private static final int SENDER = 17;

        private final int id;
        private final Worker worker;
        private final PacketPool pool;
        private final DropCounters drops = new DropCounters();
        private final Input input;
        private final List<Integer> waiting = new ArrayList<>();
        private Assembler.Graph graph;
        private Assembler assembler;

        @SuppressWarnings("NullAway.Init") // the graph is made by assemble
        private Lane(int id) {
            this.id = id;
            worker = new Worker(id, () -> 0);
            pool = new PacketPool(id, WORKERS, 128, 256);
            input = worker.add(this, this);
        }

        private void assemble() {
            if (assembler == null) {
                assembler = new Assembler(
                        group,
                        new Topology.WorkerScope(id, pool, drops),
                        Map.of("out", this),
                        (stage, fault) -> assertEquals("broken", fault.getMessage()));
            }
            graph = assembler.prepare(topology, Instruments.NONE).take();
            input.rewire(this, graph.entrance(isSplit() ? "underlay.coalesce" : "a.stage"));
        }

        private boolean isSplit() {
            return group.schedule() instanceof Schedule.Pipelined pipelined && pipelined.split();
        }

        private Assembler.Graph graph() {
            return graph;
        }

        /** Lets flows come in, a packet each, whose hashes are consecutive numbers. */
        private void feed(int first, int count) {
            for (int i = 0; i < count; i++) {
                waiting.add(first + i);
            }
        }

        @Override
        public int poll(Batch batch) {
            int polled = 0;
            while (!waiting.isEmpty() && !batch.isFull()) {
                Packet packet = Objects.requireNonNull(pool.acquire());
                batch.add(packet.flowHash(waiting.removeFirst()).inPort(SENDER).outPort(0));
                polled++;
            }
            return polled;
        }

        @Override
        public boolean isReady() {
            return !waiting.isEmpty();
        }

        @Override
        public void accept(Batch batch) {
            for (int i = 0; i < batch.size(); i++) {
                delivered.add(batch.packet(i).flowHash());
                trails.add(String.format("%03d", batch.packet(i).outPort()));
            }
            batch.release();
        }
    }

    /** Puts the number of its worker, from 1, in front of the trail. */
    private static Sink receiver(Topology.WorkerScope scope, Sink next) {
        return batch -> {
            for (int i = 0; i < batch.size(); i++) {
                batch.packet(i).outPort(1 + scope.worker());
            }
            next.accept(batch);
        };
    }

    private Stage stage(Topology.WorkerScope scope) {
        return new Stage() {
            @Override
            public String name() {
                return "stage";
            }

            @Override
            public void process(Batch batch) {
                if (scope.worker() == broken) {
                    throw new IllegalStateException("broken");
                }
                for (int i = 0; i < batch.size(); i++) {
                    Packet packet = batch.packet(i);
                    assertEquals(scope.worker(), packet.holder());
                    packet.outPort(packet.outPort() * 10 + scope.worker());
                    batch.verdict(i, Verdict.forward(0));
                }
            }
        };
    }
}
