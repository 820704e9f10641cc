package dev.peregrine.bench.falcon.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.bench.chain.FlowOrder;
import org.junit.jupiter.api.Test;

class SurgeTest {
    private static final long SECOND = 1_000_000_000L;
    private final Surge surge = new Surge(6, 1000, 0, SECOND);

    @Test
    void growsAtItsTime() {
        assertEquals(6000, surge.due(SECOND));
        assertEquals(6000 + 15_000, surge.due(2 * SECOND));
    }

    @Test
    void saysWhenAPacketIsDueAsItSaysHowManyAre() {
        for (long number : new long[] {0, 1, 3000, 5999, 6000, 6001, 12_345}) {
            long due = surge.dueNanos(number);
            assertTrue(surge.due(due - 2) <= number, "packet " + number);
            assertTrue(surge.due(due + 2) >= number, "packet " + number);
        }
    }

    @Test
    void givesTheFirstFlowTenTimesTheShareOfAnother() {
        FlowOrder after = new Surge(6, 1000, 0, System.nanoTime() - 1).order();
        int[] counts = new int[6];
        for (int i = 0; i < 15_000; i++) {
            counts[after.next()]++;
        }
        assertEquals(10_000, counts[0]);
        assertEquals(1000, counts[5]);
    }

    @Test
    void treatsAllAlikeBefore() {
        FlowOrder before = new Surge(6, 1000, 0, Long.MAX_VALUE).order();
        int[] counts = new int[6];
        for (int i = 0; i < 6000; i++) {
            counts[before.next()]++;
        }
        for (int count : counts) {
            assertEquals(1000, count);
        }
    }
}
