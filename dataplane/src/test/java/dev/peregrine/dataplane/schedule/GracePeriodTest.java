package dev.peregrine.dataplane.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.testing.Seed;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class GracePeriodTest {
    private final PacketPool pool = new PacketPool(1, 1);

    @Test
    void idleWorkersAreNotWaitedFor() {
        GracePeriod.await(List.of(new Worker(0, () -> 0), new Worker(1, () -> 0)));
        pool.close();
    }

    @Test
    void endsWhenTheBatchUnderWayHasEnded() throws InterruptedException {
        CountDownLatch underWay = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        Worker worker = worker(batch -> {
            underWay.countDown();
            await(goOn);
            ended.set(true);
            batch.release();
        });
        Thread packets = Thread.ofPlatform().start(() -> worker.run(1));
        underWay.await();
        AtomicBoolean endedFirst = new AtomicBoolean();
        Thread waits = Thread.ofPlatform().start(() -> {
            GracePeriod.await(List.of(worker));
            endedFirst.set(ended.get());
        });
        assertFalse(waits.join(Duration.ofMillis(20)), "it did not wait");
        goOn.countDown();
        waits.join();
        packets.join();
        assertTrue(endedFirst.get());
        pool.close();
    }

    @Test
    void namesTheWorkerThatDoesNotEndItsBatch() throws InterruptedException {
        CountDownLatch underWay = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Worker worker = worker(batch -> {
            underWay.countDown();
            await(goOn);
            batch.release();
        });
        Thread packets = Thread.ofPlatform().start(() -> worker.run(1));
        underWay.await();
        long soon = System.nanoTime() + 1_000_000;
        List<Worker> workers = List.of(new Worker(7, () -> 0), worker);
        GracePeriod.StuckWorkerException stuck =
                assertThrows(GracePeriod.StuckWorkerException.class, () -> GracePeriod.await(workers, soon));
        assertEquals("worker 0 has not ended its batch for 5 seconds", stuck.getMessage());
        goOn.countDown();
        packets.join();
        GracePeriod.await(workers);
        pool.close();
    }

    /** A value that was published before the call is seen by every batch afterwards. */
    @Test
    void noBatchAfterwardsSeesWhatWasBefore() throws InterruptedException {
        AtomicInteger published = new AtomicInteger();
        AtomicInteger acknowledged = new AtomicInteger();
        AtomicInteger stale = new AtomicInteger();
        AtomicBoolean stop = new AtomicBoolean();
        int[] taken = new int[1];
        Worker worker = worker(batch -> {
            int before = acknowledged.get();
            if (taken[0] < before) {
                stale.incrementAndGet();
            }
            batch.release();
        });
        worker.beforeBatch(() -> taken[0] = published.get());
        Thread packets = Thread.ofPlatform().start(() -> {
            while (!stop.get()) {
                worker.run(64);
            }
        });
        for (int i = 1; i <= Seed.rounds(20_000); i++) {
            published.set(i);
            GracePeriod.await(List.of(worker));
            acknowledged.set(i);
        }
        stop.set(true);
        packets.join();
        assertEquals(0, stale.get());
        pool.close();
    }

    /** Packets that were decided on by what was before have settled, wherever they were between devices. */
    @Test
    void nothingIsUnderWayAfterwardsThatWasDecidedBefore() throws InterruptedException {
        AtomicInteger published = new AtomicInteger();
        AtomicInteger acknowledged = new AtomicInteger();
        AtomicInteger stale = new AtomicInteger();
        AtomicInteger settled = new AtomicInteger();
        Topology topology = new Topology()
                .stage(stage("underlay"), scope -> stamping(published), stage("vtep"))
                .stage(stage("vtep"), scope -> forwarding(), stage("bridge"))
                .stage(stage("bridge"), scope -> forwarding(), new Topology.Terminal("out"));
        List<Worker> workers = List.of(new Worker(0, () -> 0), new Worker(1, () -> 0));
        WorkerGroup group = new WorkerGroup(workers, 1024);
        group.schedule(Schedule.Pipelined.of(Schedule.Balance.TWO_CHOICES));
        PacketPool other = new PacketPool(1, 2, 64, 64);
        PacketPool first = new PacketPool(0, 2, 64, 64);
        Sink end = batch -> {
            int before = acknowledged.get();
            for (int i = 0; i < batch.size(); i++) {
                if (batch.packet(i).outPort() < before) {
                    stale.incrementAndGet();
                }
            }
            settled.addAndGet(batch.size());
            batch.release();
        };
        for (Worker worker : workers) {
            var scope = new Topology.WorkerScope(worker.id(), worker.id() == 0 ? first : other, new DropCounters());
            var assembler = new Assembler(group, scope, Map.of("out", end), (stage, fault) -> stale.incrementAndGet());
            Assembler.Graph graph =
                    assembler.prepare(topology, Instruments.NONE).take();
            worker.add(source(scope.pool()), graph.entrance("underlay.stage")).markReady();
        }
        AtomicBoolean stop = new AtomicBoolean();
        long[] busy = new long[2];
        List<Thread> threads = workers.stream()
                .map(worker -> Thread.ofPlatform().start(() -> {
                    while (!stop.get()) {
                        worker.run(64);
                    }
                }))
                .toList();
        for (int i = 1; i <= Seed.rounds(300) || settled.get() < Seed.rounds(10_000); i++) {
            busy[i / 4 % 2] += 1_000_000; // flows move, and packets are parked meanwhile
            group.sample(i * 1_000_000L, busy);
            published.set(i);
            GracePeriod.await(group, topology.hops());
            acknowledged.set(i);
        }
        stop.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(0, stale.get());
        assertTrue(settled.get() > 0 && group.handOffs(0) + group.handOffs(1) > 0);
        first.close();
        other.close();
        pool.close();
    }

    private static Source source(PacketPool pool) {
        int[] flow = new int[1];
        return new Source() {
            @Override
            public int poll(Batch batch) {
                var packet = pool.acquire();
                if (packet == null) {
                    return 0;
                }
                batch.add(packet.flowHash(flow[0]++));
                return 1;
            }

            @Override
            public boolean isReady() {
                return true;
            }
        };
    }

    private static Stage stamping(AtomicInteger published) {
        return stage(batch -> {
            for (int i = 0; i < batch.size(); i++) {
                batch.packet(i).outPort(published.get());
                batch.verdict(i, Verdict.forward(0));
            }
        });
    }

    private static Stage forwarding() {
        return stage(batch -> {
            for (int i = 0; i < batch.size(); i++) {
                batch.verdict(i, Verdict.forward(0));
            }
        });
    }

    private static Stage stage(Consumer<Batch> work) {
        return new Stage() {
            @Override
            public String name() {
                return "stage";
            }

            @Override
            public void process(Batch batch) {
                work.accept(batch);
            }
        };
    }

    private Worker worker(Sink sink) {
        Worker worker = new Worker(0, () -> 0);
        worker.add(
                        (Batch batch) -> {
                            var packet = pool.acquire();
                            if (packet == null) {
                                return 0;
                            }
                            batch.add(packet);
                            return 1;
                        },
                        sink)
                .markReady();
        return worker;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Topology.Address stage(String kind) {
        return new Topology.Kind(kind).at("stage");
    }
}
