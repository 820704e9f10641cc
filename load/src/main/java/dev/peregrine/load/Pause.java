package dev.peregrine.load;

import java.util.concurrent.locks.LockSupport;

/** Waits for a time: asleep while it is far, awake for the last stretch, since a sleeper wakes up late. */
public final class Pause {
    /** How late Linux may wake a sleeper: its timer slack of 50 µs, and the way back onto a core. */
    private static final long WAKE_UP_NANOS = 120_000;

    private static final long LONGEST_NANOS = 50_000_000;

    private Pause() {}

    /** Waits for up to {@code nanos}; may return early, so the caller looks at its clock again. */
    public static void upTo(long nanos) {
        if (nanos > WAKE_UP_NANOS) {
            LockSupport.parkNanos(Math.min(nanos - WAKE_UP_NANOS, LONGEST_NANOS));
        } else {
            Thread.onSpinWait();
        }
    }
}
