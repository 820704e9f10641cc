package dev.peregrine.dataplane.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.stage.Sink;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
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

    /** What was published before the call is what every batch afterwards sees. */
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
        for (int i = 1; i <= 20_000; i++) {
            published.set(i);
            GracePeriod.await(List.of(worker));
            acknowledged.set(i);
        }
        stop.set(true);
        packets.join();
        assertEquals(0, stale.get());
        pool.close();
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
}
