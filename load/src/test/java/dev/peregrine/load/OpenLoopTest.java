package dev.peregrine.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class OpenLoopTest {
    @Test
    void spacesPacketsEvenly() {
        OpenLoop schedule = new OpenLoop(1000, 1);
        schedule.start(500);
        assertEquals(500, schedule.dueNanos(0));
        assertEquals(500 + 3_000_000, schedule.dueNanos(3));
        assertEquals(0, schedule.due(499));
        assertEquals(1, schedule.due(500));
        assertEquals(4, schedule.due(500 + 3_999_999));
    }

    @Test
    void letsBurstsShareATime() {
        OpenLoop schedule = new OpenLoop(1000, 10);
        schedule.start(0);
        assertEquals(0, schedule.dueNanos(9));
        assertEquals(10_000_000, schedule.dueNanos(10));
        assertEquals(10, schedule.due(9_999_999));
    }

    @Test
    void hasEverythingDueAtOnceWithoutARate() {
        OpenLoop schedule = new OpenLoop(0, 64);
        schedule.start(7);
        assertFalse(schedule.isPaced());
        assertEquals(Long.MAX_VALUE, schedule.due(7));
        assertEquals(7, schedule.dueNanos(1_000_000));
    }

    /** A sender that waits until a packet's time finds it due: no loop spins on a packet that is never due. */
    @Test
    void hasAPacketDueAtItsTime() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            OpenLoop schedule = new OpenLoop(random.nextDouble(1, 1e8), 1 + random.nextInt(100));
            schedule.start(random.nextLong(1L << 50));
            long packet = random.nextLong(1L << 20);
            assertTrue(schedule.due(schedule.dueNanos(packet)) > packet, "seed " + seed + " turn " + i);
        }
    }
}
