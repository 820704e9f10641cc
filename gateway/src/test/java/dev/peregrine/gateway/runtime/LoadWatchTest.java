package dev.peregrine.gateway.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.gateway.worker.FaultLog;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoadWatchTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Counted loads = new Counted();
    private int sampleMillis = 10;
    private final LoadWatch watch = new LoadWatch(loads, () -> sampleMillis, new FaultLog());

    private static final class Counted implements LoadWatch.Loads {
        private boolean isQuiet;
        private int samples;
        private int steers;
        private int quietSteers;

        @Override
        public boolean sample(long nowNanos) {
            samples++;
            return isQuiet;
        }

        @Override
        public void steer(boolean quiet, long nowNanos) {
            steers++;
            quietSteers += quiet ? 1 : 0;
        }
    }

    /** The looks in ten seconds, each of which comes as late as a timer may. */
    private int looks(long from) {
        int looks = 0;
        long end = from + 10 * SECOND;
        for (long now = from + watch.begin(from); now - end < 0; now += 50_000 + watch.look(now)) {
            looks++;
        }
        return looks;
    }

    private static void assertNear(int expected, int count) {
        assertTrue(Math.abs(count - expected) <= Math.max(2, expected / 100), count + ", not " + expected);
    }

    @Test
    void samplesUnderLoadAsOftenAsItIsTold() {
        int looks = looks(-SECOND);
        assertNear(1000, loads.samples);
        assertNear(40, loads.steers);
        assertTrue(looks <= loads.samples + loads.steers, looks + " looks");
        assertEquals(0, loads.quietSteers);
    }

    @Test
    void wakesFourTimesASecondWithoutLoad() {
        loads.isQuiet = true;
        int looks = looks(Long.MAX_VALUE - SECOND);
        assertTrue(looks <= 44, looks + " looks");
        assertNear(40, loads.samples);
        assertTrue(loads.quietSteers >= loads.steers - 1, loads.quietSteers + " of " + loads.steers);
    }

    @Test
    void steersThoughSamplesAreSeldom() {
        sampleMillis = 10_000;
        looks(0);
        assertNear(40, loads.steers);
        assertTrue(loads.samples <= 1, loads.samples + " samples");
    }

    @Test
    void goesOnAfterAFailure() {
        LoadWatch failing = new LoadWatch(
                new LoadWatch.Loads() {
                    @Override
                    public boolean sample(long nowNanos) {
                        throw new IllegalStateException("planted");
                    }

                    @Override
                    public void steer(boolean isQuiet, long nowNanos) {
                        throw new IllegalStateException("planted");
                    }
                },
                () -> 10,
                new FaultLog());
        failing.begin(0);
        assertEquals(TimeUnit.MILLISECONDS.toNanos(10), failing.look(SECOND));
    }
}
