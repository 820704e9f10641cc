package dev.peregrine.dataplane.device.fdb;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AgeingTimeTest {
    private final AgeingTime time = new AgeingTime();

    @Test
    void theFirstLookIsDueAtOnce() {
        assertTrue(time.isDue(Long.MIN_VALUE));
        assertTrue(time.isDue(0));
    }

    @Test
    void theNextIsDueWhenAnEntryThatCameSinceMayHaveAged() {
        time.begin(100, 10);
        assertFalse(time.isDue(109));
        assertTrue(time.isDue(110));
    }

    @Test
    void theNextIsDueWhenOneThatStayedMayHaveAged() {
        time.begin(100, 10);
        time.stays(95, 10);
        time.stays(97, 12);
        assertFalse(time.isDue(104));
        assertTrue(time.isDue(105));
    }

    @Test
    void nothingIsDueWhereNothingAges() {
        time.begin(Long.MAX_VALUE - 1, Long.MAX_VALUE);
        assertFalse(time.isDue(Long.MAX_VALUE));
        assertFalse(time.isDue(Long.MIN_VALUE), "the clock has wrapped");
    }

    @Test
    void otherAgeingTimesAreLookedAtAtOnce() {
        time.begin(100, 10);
        time.forget();
        assertTrue(time.isDue(100));
    }
}
