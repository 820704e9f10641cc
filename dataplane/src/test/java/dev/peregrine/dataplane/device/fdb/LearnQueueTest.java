package dev.peregrine.dataplane.device.fdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.testing.Seed;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LearnQueueTest {
    private static final long MILLI = 1_000_000L;
    private static final long MAC = 0x0200_0000_0001L;
    private static final long OTHER = 0x0600_0000_0000L;

    private final Fdb fdb = new Fdb(1 << 20);
    private final FdbReader reader = fdb.reader();
    private final AtomicInteger raises = new AtomicInteger();
    private final LearnQueue queue = new LearnQueue(8, 4, raises::incrementAndGet);

    @BeforeEach
    void configureASegment() {
        fdb.configure(3, 1 << 20, 0);
    }

    @Test
    void carriesASightingToTheFdb() {
        queue.post(3, MAC, 5, 0);
        queue.publish();
        queue.drain(fdb, 0);

        assertTrue(reader.find(3, MAC));
        assertEquals(5, reader.port());
    }

    @Test
    void showsNothingBeforeItIsPublished() {
        queue.post(3, MAC, 5, 0);
        queue.drain(fdb, 0);
        assertEquals(0, fdb.size());
        assertEquals(0, raises.get());
    }

    @Test
    void raisesOnceUntilItIsDrained() {
        for (int i = 0; i < 5; i++) {
            queue.post(3, MAC + i, 5, 0);
            queue.publish();
        }
        assertEquals(1, raises.get());

        queue.drain(fdb, 0);
        queue.post(3, MAC + 5, 5, 0);
        queue.publish();
        assertEquals(2, raises.get());
    }

    @Test
    void doesNotRepeatItselfAtOnce() {
        queue.post(3, MAC, 5, 0);
        queue.post(3, MAC, 5, 99 * MILLI);
        queue.publish();
        queue.drain(fdb, 0);
        fdb.delete(3, MAC);

        queue.post(3, MAC, 5, 99 * MILLI);
        queue.publish();
        queue.drain(fdb, 0);
        assertEquals(0, fdb.size(), "posted again too early");

        queue.post(3, MAC, 5, 100 * MILLI);
        queue.publish();
        queue.drain(fdb, 0);
        assertEquals(1, fdb.size(), "not posted again later");
    }

    @Test
    void postsAMoveAtOnceAndReportsIt() {
        queue.post(3, MAC, 5, 0);
        queue.post(3, MAC, 6, 0);
        queue.publish();
        assertEquals(1, queue.drain(fdb, 0));
        assertTrue(reader.find(3, MAC));
        assertEquals(6, reader.port());
    }

    @Test
    void countsWhatAFullQueueLost() {
        for (int i = 0; i < 2000; i++) {
            queue.post(3, MAC + i, 5, 0);
        }
        queue.publish();
        queue.drain(fdb, 0);
        assertEquals(2000, fdb.size() + queue.dropped());
        assertTrue(queue.dropped() > 0);

        queue.post(3, MAC + 1999, 5, 0);
        queue.publish();
        queue.drain(fdb, 0);
        assertTrue(reader.find(3, MAC + 1999), "what was lost is posted again");
    }

    @Test
    void neverLosesAWakeUp() throws Exception {
        long seed = System.nanoTime();
        Semaphore wake = new Semaphore(0);
        LearnQueue shared = new LearnQueue(8, 4, wake::release);
        int posts = 200_000;
        Thread worker = Thread.ofPlatform().start(() -> {
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < posts; i++) {
                shared.post(3, MAC + i, 5, i);
                if (random.nextInt(4) == 0 || i == posts - 1) {
                    shared.publish();
                }
                for (int pause = random.nextInt(200); pause > 0; pause--) {
                    Thread.onSpinWait();
                }
            }
        });
        while (fdb.segment(3).learns() + shared.dropped() < posts) {
            assertTrue(wake.tryAcquire(20, TimeUnit.SECONDS), "asleep over published news, seed " + seed);
            shared.drain(fdb, 0);
        }
        worker.join();
        assertEquals(posts, fdb.segment(3).learns() + shared.dropped());
    }

    @Test
    void theStrangersOfOnePortDoNotKeepTheNewsOfOthersOut() {
        for (int i = 0; i < Seed.rounds(100_000); i++) {
            queue.post(3, MAC + i, 5, 0); // while the control thread is busy
        }
        queue.post(3, OTHER + 1, 6, 0);
        queue.post(3, OTHER + 2, Ports.tunnel(9), 0);
        queue.post(1, OTHER + 3, Ports.tunnel(9), 0);
        queue.publish();
        fdb.configure(1, 10, 0);
        queue.drain(fdb, 0);

        assertTrue(reader.find(3, OTHER + 1), "another port");
        assertTrue(reader.find(3, OTHER + 2), "the tunnels of the segment");
        assertTrue(reader.find(1, OTHER + 3), "the tunnels of another segment");
    }

    @Test
    void everyPortHasRoomInAQueueThatIsFull() {
        for (int i = 0; i < 2000; i++) {
            queue.post(3, MAC + i, 0, 0);
        }
        long before = queue.dropped();
        for (int port = 1; port < 8; port++) {
            for (int i = 0; i < QueueShares.OWN; i++) {
                queue.post(3, MAC + 10_000 + 100L * port + i, port, 0);
            }
        }
        assertEquals(before, queue.dropped());
        queue.publish();
        queue.drain(fdb, 0);
        assertEquals(2000 + 7 * QueueShares.OWN, fdb.size() + before, "none was overwritten");
    }
}
