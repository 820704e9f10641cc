package dev.peregrine.gateway.port;

import java.util.concurrent.TimeUnit;

/**
 * When to try again what failed: after a second, and after twice as long each further time, at most half a minute.
 * Times are {@link System#nanoTime} readings.
 */
final class Backoff {
    /** A little less than a tick, so that the next one is not missed. */
    private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(900);

    private static final long LAST_NANOS = TimeUnit.SECONDS.toNanos(30);

    private long pauseNanos;
    private long sinceNanos;

    boolean isDue(long nowNanos) {
        return pauseNanos == 0 || nowNanos - sinceNanos >= pauseNanos;
    }

    void failed(long nowNanos) {
        sinceNanos = nowNanos;
        pauseNanos = pauseNanos == 0 ? FIRST_NANOS : Math.min(LAST_NANOS, 2 * pauseNanos);
    }

    /** The next try is due at once: the last one succeeded, or something has changed since. */
    void reset() {
        pauseNanos = 0;
    }
}
