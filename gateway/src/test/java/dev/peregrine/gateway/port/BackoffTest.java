package dev.peregrine.gateway.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Backoff backoff = new Backoff();

    /** At which of the ticks, a second apart, something was tried that fails every time. */
    private List<Integer> triesOf(int ticks, long startNanos) {
        List<Integer> tries = new ArrayList<>();
        for (int tick = 0; tick < ticks; tick++) {
            if (backoff.isDue(startNanos + tick * SECOND)) {
                tries.add(tick);
                backoff.failed(startNanos + tick * SECOND);
            }
        }
        return tries;
    }

    @Test
    void waitsTwiceAsLongEachTimeAndHalfAMinuteAtMost() {
        assertEquals(List.of(0, 1, 3, 7, 15, 30, 59, 89), triesOf(100, -5 * SECOND));
    }

    @Test
    void beginsAnewWhenSomethingHasChanged() {
        triesOf(40, 0);
        backoff.reset();
        assertTrue(backoff.isDue(40 * SECOND));
        assertEquals(List.of(0, 1, 3, 7), triesOf(10, 40 * SECOND));
    }
}
