package dev.peregrine.controlplane.http;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Pauses between tries: 0.2 s at first, twice as long each time, at most 30 s, each with a fifth of jitter. */
public final class Retry {
    private static final long FIRST_NANOS = Duration.ofMillis(200).toNanos();
    private static final long LAST_NANOS = Duration.ofSeconds(30).toNanos();

    private long nanos;

    /** The pause before the next try, in nanoseconds. */
    public long next() {
        nanos = nanos == 0 ? FIRST_NANOS : Math.min(LAST_NANOS, 2 * nanos);
        return Math.min(LAST_NANOS, jitter(nanos));
    }

    /** It has worked: the next pause is the first again. */
    public void reset() {
        nanos = 0;
    }

    /** A time, give or take a fifth. */
    public static long jitter(long nanos) {
        return nanos + ThreadLocalRandom.current().nextLong(-nanos / 5, nanos / 5 + 1);
    }
}
