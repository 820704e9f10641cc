package dev.peregrine.dataplane.schedule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.stage.Containment;
import dev.peregrine.dataplane.stage.Histogram;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkerTest {
    private final PacketPool pool = new PacketPool(64, 64);
    private final AtomicLong clock = new AtomicLong(1_000);
    private final Worker worker = new Worker(3, clock::incrementAndGet);

    @AfterEach
    void close() {
        assertTrue(pool.isFull());
        pool.close();
    }

    @Test
    void pollsASourceOnlyWhenItIsReady() {
        Supply supply = new Supply(10);
        Input input = worker.add(supply, supply);
        assertEquals(0, worker.run(100));
        assertFalse(worker.hasWork());
        input.markReady();
        assertTrue(worker.hasWork());
        assertEquals(10, worker.run(100));
        assertFalse(worker.hasWork(), "the source was polled until it gave none");
        assertEquals(3, worker.id());
    }

    @Test
    void pollsASourceThatMakesPacketsItself() {
        Supply supply = new Supply(10);
        supply.announces = true;
        worker.add(supply, supply);
        assertTrue(worker.hasWork());
        assertEquals(10, worker.run(100));
        assertFalse(worker.hasWork());
    }

    @Test
    void isExhaustedWhenNoSourceGivesMore() {
        Supply silent = new Supply(3);
        Supply large = new Supply(10 * Worker.SOURCE_BUDGET);
        worker.add(silent, silent);
        worker.add(large, large);
        assertTrue(worker.exhaust(Long.MAX_VALUE));
        assertEquals(3, silent.taken, "sources that nobody has marked ready are asked, too");
        assertEquals(10 * Worker.SOURCE_BUDGET, large.taken);
    }

    /** As a receiver does that emptied its queue at its last poll: packets may have come since. */
    @Test
    void aSourceThatGivesNothingOnceWithoutLookingIsAskedAgain() {
        Supply supply = new Supply(3);
        AtomicInteger polls = new AtomicInteger();
        worker.add(batch -> polls.getAndIncrement() == 0 ? 0 : supply.poll(batch), supply);
        assertTrue(worker.exhaust(Long.MAX_VALUE));
        assertEquals(3, supply.taken);
    }

    @Test
    void beginsNoTurnBehindTheDeadlineOfBeingExhausted() {
        Supply endless = new Supply(Integer.MAX_VALUE);
        worker.add(endless, endless);
        long deadline = clock.get() + 20;
        assertFalse(worker.exhaust(deadline));
        assertTrue(clock.get() - deadline < 20, "the clock ticks once a batch and once a turn");
        worker.pause(true);
        assertFalse(worker.exhaust(Long.MAX_VALUE));
    }

    /** Two superframes of three segments are not, three are. */
    @Test
    void knowsBulkByTheSegmentsOfABatch() {
        Supply frames = new Supply(2);
        Input input = worker.add(
                batch -> {
                    int given = frames.poll(batch);
                    for (int i = 0; i < given; i++) {
                        batch.packet(i).put(1_000).cut(100, 300);
                    }
                    return given;
                },
                frames);
        input.markReady();
        assertEquals(2, worker.run(100));
        assertFalse(worker.tookBulk());
        frames.left = 3;
        input.markReady();
        assertEquals(3, worker.run(100));
        assertTrue(worker.tookBulk());
        worker.run(100);
        assertFalse(worker.tookBulk(), "the last turn took nothing");
    }

    @Test
    void readsTheClockOncePerBatch() {
        Supply supply = new Supply(130);
        worker.add(supply, supply).markReady();
        assertEquals(64, worker.run(1_000));
        assertEquals(64, worker.run(1_000));
        assertEquals(2, worker.run(1_000));
        assertEquals(1_003, clock.get());
        assertEquals(1_003, supply.lastNanos);
    }

    @Test
    void takesABoundedNumberFromEachSourcePerTurn() {
        Supply endless = new Supply(1_000_000);
        Supply small = new Supply(5);
        worker.add(endless, endless).markReady();
        worker.add(small, small).markReady();
        assertEquals(Worker.SOURCE_BUDGET + 5, worker.run(10_000));
        assertEquals(5, small.taken);
        assertTrue(worker.hasWork());
    }

    @Test
    void starvesNoSourceWhenTheBudgetIsSmall() {
        Supply endless = new Supply(1_000_000);
        Supply small = new Supply(5);
        worker.add(endless, endless).markReady();
        worker.add(small, small).markReady();
        assertEquals(64, worker.run(64));
        worker.run(64);
        assertEquals(5, small.taken);
        assertEquals(128, endless.taken, "the turn goes round");
    }

    @Test
    void losesOneBatchToASinkThatThrows() {
        DropCounters drops = new DropCounters();
        List<String> faults = new ArrayList<>();
        worker.attach(pool, null, new Containment(drops, (where, fault) -> faults.add(fault.getMessage())));
        Supply supply = new Supply(10);
        AtomicBoolean broken = new AtomicBoolean(true);
        Input input = worker.add(supply, batch -> {
            if (broken.getAndSet(false)) {
                batch.release(4);
                throw new StackOverflowError("deep");
            }
            supply.accept(batch);
        });
        input.markReady();
        assertEquals(10, worker.run(100));
        assertEquals(List.of("deep"), faults);
        assertEquals(6, drops.count(DropReason.STAGE_FAILED));
        GracePeriod.await(List.of(worker), System.nanoTime());
        assertEquals(0, worker.boundary() & 1, "the batch has ended");
        supply.left = 10;
        input.markReady();
        assertEquals(10, worker.run(100));
        assertEquals(10, supply.taken, "nothing of the lost batch comes back");
    }

    @Test
    void goesOnWithTheOthersWhenASourceThrows() {
        DropCounters drops = new DropCounters();
        List<String> faults = new ArrayList<>();
        worker.attach(pool, null, new Containment(drops, (where, fault) -> faults.add(fault.getMessage())));
        Supply small = new Supply(5);
        worker.add(
                        batch -> {
                            batch.add(Objects.requireNonNull(pool.acquire()));
                            throw new IllegalStateException("broken source");
                        },
                        small)
                .markReady();
        worker.add(small, small).markReady();
        assertEquals(5, worker.run(100));
        assertEquals(List.of("broken source"), faults);
        assertEquals(1, drops.count(DropReason.STAGE_FAILED));
        assertFalse(worker.hasWork());
    }

    @Test
    void losesOneBatchWhenWhatRunsBeforeItThrows() {
        DropCounters drops = new DropCounters();
        List<String> faults = new ArrayList<>();
        worker.attach(pool, null, new Containment(drops, (where, fault) -> faults.add(fault.getMessage())));
        worker.beforeBatch(() -> {
            throw new IllegalStateException("no policy");
        });
        Supply supply = new Supply(3);
        worker.add(supply, supply).markReady();
        worker.run(100);
        assertEquals(List.of("no policy"), faults);
        assertEquals(3, drops.count(DropReason.STAGE_FAILED));
        assertEquals(0, supply.taken);
        assertEquals(0, worker.boundary() & 1);
    }

    /** Gives some packets, and takes them back at the far end of the graph. */
    private final class Supply implements Source, Sink {
        private int left;
        private int taken;
        private long lastNanos;
        private boolean announces;

        private Supply(int packets) {
            left = packets;
        }

        @Override
        public int poll(Batch batch) {
            int given = 0;
            while (left > 0 && !batch.isFull()) {
                Packet packet = Objects.requireNonNull(pool.acquire());
                batch.add(packet);
                left--;
                given++;
            }
            return given;
        }

        @Override
        public boolean isReady() {
            return announces && left > 0;
        }

        @Override
        public void accept(Batch batch) {
            taken += batch.size();
            lastNanos = batch.nowNanos();
            batch.release();
        }
    }

    @Test
    void countsBatchesOfSourcesBySize() {
        Queue<Integer> sizes = new ArrayDeque<>(List.of(1, 3, 4, 1, Batch.CAPACITY));
        Source source = batch -> {
            int size = sizes.isEmpty() ? 0 : sizes.remove();
            for (int i = 0; i < size; i++) {
                batch.add(Objects.requireNonNull(pool.acquire()));
            }
            return size;
        };
        worker.add(source, Batch::release).markReady();
        while (worker.hasWork()) {
            worker.run(1024);
        }
        Histogram counted = worker.batchSizes();
        long[] counts =
                IntStream.range(0, counted.buckets()).mapToLong(counted::count).toArray();
        assertArrayEquals(new long[] {2, 0, 2, 0, 0, 0, 1, 0}, counts, "at most 1, 2, 4, 8, 16, 32, 64, more");
        assertEquals(9 + Batch.CAPACITY, counted.sum());
        assertEquals(counted.sum(), worker.received());
    }
}
