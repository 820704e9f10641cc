package dev.peregrine.gateway.observe;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** Turns {@link System#nanoTime} into time of day, as it was when this was made: times of a capture do not jump. */
final class WallClock {
    private final long differenceNanos;

    WallClock() {
        Instant now = Instant.now();
        differenceNanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - System.nanoTime();
    }

    /** Nanoseconds since 1970. */
    long epochNanos(long nanos) {
        return nanos + differenceNanos;
    }
}
