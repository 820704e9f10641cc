package dev.peregrine.fastpath;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;

class EpochTest {
    private final Epoch epoch = new Epoch(3);

    @Test
    void aChangeEndsEarlierDecisionsInItsSegmentAlone() {
        long before = epoch.now();
        epoch.advance(1);
        assertTrue(epoch.isCurrent(0, before));
        assertFalse(epoch.isCurrent(1, before));
        assertTrue(epoch.isCurrent(2, before));
        assertTrue(epoch.isCurrent(1, epoch.now()));
    }

    @Test
    void aChangeIsAStoreToItsMemory() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment words = arena.allocate(Epoch.bytes(3), Long.BYTES);
            Epoch shared = new Epoch(3, words);
            shared.advance(1);
            shared.advanceAll();
            assertArrayEquals(new long[] {2, 0, 1, 0}, words.toArray(JAVA_LONG));
            words.setAtIndex(JAVA_LONG, 3, 9);
            assertFalse(shared.isCurrent(2, 8));
            assertTrue(shared.isCurrent(2, 9));
            assertFalse(shared.isCurrent(-1, 9), "no segment");
            assertThrows(IllegalArgumentException.class, () -> new Epoch(4, words));
            assertThrows(IllegalArgumentException.class, () -> new Epoch(1, MemorySegment.ofArray(new long[9])));
        }
    }

    @Test
    void aChangeOfAllEndsAllEarlierDecisions() {
        long before = epoch.now();
        epoch.advanceAll();
        for (int segment = 0; segment < 3; segment++) {
            assertFalse(epoch.isCurrent(segment, before));
            assertTrue(epoch.isCurrent(segment, epoch.now()));
        }
    }

    @Test
    void aDecisionThatWasUnderWayDuringTheChangeDoesNotHold() {
        long since = epoch.now();
        long decision = 41; // read from the table that changes now
        epoch.advance(0);
        assertEquals(41, decision);
        assertFalse(epoch.isCurrent(0, since));
    }

    /** Writers count a table up; what a reader saw there is never older than a change that it must know of. */
    @Test
    void noDecisionThatHoldsIsOlderThanTheLastAdvance() throws InterruptedException {
        AtomicLongArray table = new AtomicLongArray(2);
        AtomicLongArray published = new AtomicLongArray(2);
        AtomicLong failures = new AtomicLong();
        AtomicLong held = new AtomicLong();
        Thread[] writers = new Thread[2];
        for (int w = 0; w < writers.length; w++) {
            int segment = w;
            writers[w] = new Thread(() -> {
                for (int i = 1; i <= 200_000; i++) {
                    table.set(segment, i);
                    epoch.advance(segment);
                    published.set(segment, i);
                }
            });
        }
        Thread reader = new Thread(() -> {
            long[] decision = new long[2];
            long[] since = {-1, -1};
            while (published.get(0) < 200_000 || published.get(1) < 200_000) {
                for (int segment = 0; segment < 2; segment++) {
                    long known = published.get(segment);
                    if (epoch.isCurrent(segment, since[segment])) {
                        held.incrementAndGet();
                        if (decision[segment] < known) {
                            failures.incrementAndGet();
                        }
                    } else {
                        since[segment] = epoch.now();
                        decision[segment] = table.get(segment);
                    }
                }
            }
        });
        reader.start();
        for (Thread writer : writers) {
            writer.start();
        }
        for (Thread writer : writers) {
            writer.join();
        }
        reader.join();
        assertEquals(0, failures.get(), () -> "of " + held + " decisions that held");
    }
}
