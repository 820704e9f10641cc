package dev.peregrine.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PayoffTest {
    private final Payoff payoff = new Payoff();

    private long dueOf(int batches) {
        return IntStream.range(0, batches).filter(i -> payoff.isDue()).count();
    }

    private void window(int hits) {
        payoff.found(hits, Payoff.WINDOW - hits, 0);
    }

    @Test
    void everyBatchIsLookedUpAtFirstAndWhileHalfOfThePacketsHit() {
        assertEquals(100, dueOf(100));
        window(Payoff.WINDOW / 2);
        assertEquals(100, dueOf(100));
    }

    @Test
    void aSampleIsLookedUpWhereFewPacketsHit() {
        window(Payoff.WINDOW / 2 - 1);
        assertEquals(100 / Payoff.SAMPLE, dueOf(100));
    }

    @Test
    void aSampleIsLookedUpWhereFlowsTakeEachOthersPlacesForAFewHits() {
        payoff.found(Payoff.WINDOW, 0, Payoff.WINDOW / Payoff.EVICTION);
        assertEquals(100, dueOf(100));
        payoff.found(Payoff.WINDOW, 0, Payoff.WINDOW / Payoff.EVICTION + 1);
        assertEquals(100 / Payoff.SAMPLE, dueOf(100));
    }

    @Test
    void allAreAgainWhenTheSampleHits() {
        window(0);
        window(Payoff.WINDOW);
        assertEquals(100, dueOf(100));
    }

    @Test
    void flowsSeemSilentForLongerWhereOnlyASampleIsLookedUp() {
        long silentNanos = payoff.silentNanos();
        window(0);
        assertEquals(Payoff.SAMPLE * silentNanos, payoff.silentNanos());
    }

    @Test
    void nothingIsJudgedBeforeTheWindowIsFull() {
        payoff.found(0, Payoff.WINDOW - 1, 0);
        assertEquals(100, dueOf(100));
        payoff.found(0, 1, 0);
        assertEquals(100 / Payoff.SAMPLE, dueOf(100));
    }
}
