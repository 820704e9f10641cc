package dev.peregrine.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PayoffTest {
    private static final int TRIAL_WINDOWS = 3;

    private final Payoff payoff = new Payoff(TRIAL_WINDOWS * Payoff.WINDOW / Payoff.TRIAL);

    private boolean isDue() {
        return !payoff.isResting();
    }

    private void window(int hits) {
        payoff.found(hits, Payoff.WINDOW - hits, 0);
    }

    private void failingTrial() {
        for (int i = 0; i < TRIAL_WINDOWS; i++) {
            assertTrue(isDue());
            window(Payoff.WINDOW / 2 - 1);
        }
    }

    @Test
    void allIsLookedUpWhileHalfOfThePacketsHit() {
        for (int i = 0; i < 10 * TRIAL_WINDOWS; i++) {
            window(Payoff.WINDOW / 2);
            assertTrue(isDue());
        }
    }

    @Test
    void nothingIsAfterATrialInWhichFewerHitUntilTheNextOne() {
        failingTrial();
        long rest = (long) Payoff.REST * TRIAL_WINDOWS * Payoff.WINDOW;
        for (long i = 0; i < rest; i++) {
            assertFalse(isDue());
            payoff.rested(1);
        }
        failingTrial();
        assertFalse(isDue());
    }

    @Test
    void restsForFewerBatchesOfMorePackets() {
        failingTrial();
        long batches = 0;
        while (payoff.isResting()) {
            payoff.rested(64);
            batches++;
        }
        assertEquals((long) Payoff.REST * TRIAL_WINDOWS * Payoff.WINDOW / 64, batches);
    }

    @Test
    void aWindowThatPaysBeginsTheTrialAnew() {
        window(0);
        window(0);
        window(Payoff.WINDOW);
        window(0);
        window(0);
        assertTrue(isDue());
        window(0);
        assertFalse(isDue());
    }

    @Test
    void flowsThatTakeEachOthersPlacesCountAgainstHits() {
        for (int i = 0; i < TRIAL_WINDOWS; i++) {
            payoff.found(Payoff.WINDOW, 0, Payoff.WINDOW / Payoff.EVICTION);
        }
        assertTrue(isDue());
        for (int i = 0; i < TRIAL_WINDOWS; i++) {
            payoff.found(Payoff.WINDOW, 0, Payoff.WINDOW / Payoff.EVICTION + 1);
        }
        assertFalse(isDue());
    }

    @Test
    void nothingIsJudgedBeforeTheWindowIsFull() {
        window(0);
        window(0);
        payoff.found(0, Payoff.WINDOW - 1, 0);
        assertTrue(isDue());
        payoff.found(0, 1, 0);
        assertFalse(isDue());
    }
}
