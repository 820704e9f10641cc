package dev.peregrine.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LookupThrottleTest {
    private static final int TRIAL_WINDOWS = 3;

    private final LookupThrottle throttle =
            new LookupThrottle(TRIAL_WINDOWS * LookupThrottle.WINDOW / LookupThrottle.TRIAL);

    private boolean isDue() {
        return !throttle.isResting();
    }

    private void window(int hits) {
        throttle.found(hits, LookupThrottle.WINDOW - hits, 0);
    }

    private void failingTrial() {
        for (int i = 0; i < TRIAL_WINDOWS; i++) {
            assertTrue(isDue());
            window(LookupThrottle.WINDOW / 2 - 1);
        }
    }

    @Test
    void allIsLookedUpWhileHalfOfThePacketsHit() {
        for (int i = 0; i < 10 * TRIAL_WINDOWS; i++) {
            window(LookupThrottle.WINDOW / 2);
            assertTrue(isDue());
        }
    }

    @Test
    void nothingIsAfterATrialInWhichFewerHitUntilTheNextOne() {
        failingTrial();
        long rest = (long) LookupThrottle.REST * TRIAL_WINDOWS * LookupThrottle.WINDOW;
        for (long i = 0; i < rest; i++) {
            assertFalse(isDue());
            throttle.rested(1);
        }
        failingTrial();
        assertFalse(isDue());
    }

    @Test
    void restsForFewerBatchesOfMorePackets() {
        failingTrial();
        long batches = 0;
        while (throttle.isResting()) {
            throttle.rested(64);
            batches++;
        }
        assertEquals((long) LookupThrottle.REST * TRIAL_WINDOWS * LookupThrottle.WINDOW / 64, batches);
    }

    @Test
    void aWindowThatPaysBeginsTheTrialAnew() {
        window(0);
        window(0);
        window(LookupThrottle.WINDOW);
        window(0);
        window(0);
        assertTrue(isDue());
        window(0);
        assertFalse(isDue());
    }

    @Test
    void flowsThatTakeEachOthersPlacesCountAgainstHits() {
        for (int i = 0; i < TRIAL_WINDOWS; i++) {
            throttle.found(LookupThrottle.WINDOW, 0, LookupThrottle.WINDOW / LookupThrottle.EVICTION);
        }
        assertTrue(isDue());
        for (int i = 0; i < TRIAL_WINDOWS; i++) {
            throttle.found(LookupThrottle.WINDOW, 0, LookupThrottle.WINDOW / LookupThrottle.EVICTION + 1);
        }
        assertFalse(isDue());
    }

    @Test
    void nothingIsJudgedBeforeTheWindowIsFull() {
        window(0);
        window(0);
        throttle.found(0, LookupThrottle.WINDOW - 1, 0);
        assertTrue(isDue());
        throttle.found(0, 1, 0);
        assertFalse(isDue());
    }
}
