package dev.peregrine.dataplane.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.schedule.Topology.Exit;
import dev.peregrine.dataplane.schedule.Topology.Kind;
import dev.peregrine.dataplane.schedule.Topology.Terminal;
import dev.peregrine.dataplane.schedule.Topology.WorkerScope;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.testing.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Workers get graphs of other devices one after the other while packets walk, wait and are parked in them: none is
 * lost, none overtakes another of its flow, and none comes to a place that it was not sent to.
 */
@Timeout(60)
class RejoinTest {
    private static final int ROUNDS = Seed.rounds(400);
    private static final int PACKETS = Seed.rounds(20_000);
    private static final Terminal OUT = new Terminal("out");
    private static final Kind IN = new Kind("underlay");
    private static final Kind SIDE = new Kind("port");
    private static final Kind BRIDGE = new Kind("bridge");
    private static final Kind SHORT = new Kind("flow");

    private final AtomicLong received = new AtomicLong();
    private final AtomicLong arrived = new AtomicLong();
    private final AtomicLong faults = new AtomicLong();
    private final List<Runner> runners = new ArrayList<>();
    private final DropCounters[] drops = {new DropCounters(), new DropCounters()};
    private volatile boolean receiving = true;
    private volatile boolean ended;

    static List<Schedule> schedules() {
        return List.of(
                new Schedule.RunToCompletion(),
                new Schedule.Queued(256),
                Schedule.Pipelined.of(Schedule.Balance.TWO_CHOICES),
                Schedule.Pipelined.of(Schedule.Balance.STATIC));
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void packetsGoOnWhileGraphsChange(Schedule schedule) throws InterruptedException {
        WorkerGroup group = new WorkerGroup(List.of(new Worker(0, () -> 0), new Worker(1, () -> 0)), 1024);
        group.schedule(schedule);
        group.checkAllFlows();
        Topology graph = graph(0);
        for (Worker worker : group.workers()) {
            runners.add(new Runner(group, worker, graph));
        }
        runners.forEach(runner -> runner.thread.start());
        long[] busy = new long[2];
        for (int round = 1; round <= ROUNDS || arrived.get() < PACKETS; round++) {
            Topology next = graph(round % 5);
            next.numberAs(graph);
            graph = next;
            for (Runner runner : runners) {
                runner.take(graph);
            }
            busy[round / 3 % 2] += 1_000_000; // flows move
            group.sample(round * 1_000_000L, busy);
            GracePeriod.await(group, graph.hops());
        }
        receiving = false;
        long end = System.nanoTime() + 10_000_000_000L;
        while (arrived.get() < received.get() && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        ended = true;
        for (Runner runner : runners) {
            runner.thread.join();
            runner.pool.close();
        }
        assertEquals(0, faults.get());
        assertEquals(0, drops[0].total() + drops[1].total());
        assertEquals(received.get(), arrived.get());
        assertEquals(0, group.reorders(0) + group.reorders(1));
        assertTrue(!(schedule instanceof Schedule.Pipelined) || group.handOffs(0) + group.handOffs(1) > 0);
    }

    /** Devices that nothing leads to stand in front of those that packets pass, as ports that come and go do. */
    private static Topology graph(int others) {
        Topology graph = new Topology().everywhere(SHORT);
        for (int i = 0; i < others; i++) {
            graph.stage(SIDE.at("n" + i, "stage"), _ -> new Forward(), BRIDGE.at("first"));
        }
        return graph.stage(IN.at("first"), _ -> new Forward(), BRIDGE.at("first"), SHORT.at("first"))
                .stage(BRIDGE.at("first"), _ -> new Forward(), SIDE.at("stays", "stage"))
                .stage(SIDE.at("stays", "stage"), _ -> new Forward(), SHORT.at("first"))
                .stage(SHORT.at("first"), _ -> new Forward(), (Exit) OUT);
    }

    /** A worker on a thread, which also runs what it is asked to between two turns. */
    private final class Runner {
        private final Worker worker;
        private final PacketPool pool;
        private final Assembler assembler;
        private final Input input;
        private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        private final Thread thread = Thread.ofPlatform().unstarted(this::run);
        private int flow;

        private Runner(WorkerGroup group, Worker worker, Topology graph) {
            this.worker = worker;
            pool = new PacketPool(worker.id(), 2, 96, 96);
            assembler = new Assembler(
                    group,
                    new WorkerScope(worker.id(), pool, drops[worker.id()]),
                    Map.of("out", (Sink) this::arrive),
                    (_, _) -> faults.incrementAndGet());
            input = worker.add(
                    new Arrivals(),
                    assembler.prepare(graph, Instruments.NONE).take().entrance("underlay.first"));
            input.markReady();
        }

        private void arrive(Batch batch) {
            arrived.addAndGet(batch.size());
            batch.release();
        }

        private void take(Topology graph) {
            Assembler.Graph next = assembler.prepare(graph, Instruments.NONE); // while the worker carries packets
            CompletableFuture<Void> taken = new CompletableFuture<>();
            tasks.add(() -> {
                input.rewire(new Arrivals(), next.take().entrance("underlay.first"));
                taken.complete(null);
            });
            taken.join();
        }

        private void run() {
            while (!ended) {
                Runnable task = tasks.poll();
                if (task != null) {
                    task.run();
                }
                worker.run(64);
            }
        }

        private final class Arrivals implements Source {
            @Override
            public int poll(Batch batch) {
                int count = 0;
                for (; receiving && count < 8; count++) {
                    var packet = pool.acquire();
                    if (packet == null) break;
                    batch.add(packet.flowHash((flow++ & 31) * 0x9E3779B1));
                }
                received.addAndGet(count);
                return count;
            }

            @Override
            public boolean isReady() {
                return true;
            }
        }
    }

    private static final class Forward implements Stage {
        @Override
        public String name() {
            return "forward";
        }

        @Override
        public void process(Batch batch) {
            for (int i = 0; i < batch.size(); i++) {
                batch.verdict(i, Verdict.forward(0));
            }
        }
    }
}
