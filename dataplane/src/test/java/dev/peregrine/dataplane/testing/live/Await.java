package dev.peregrine.dataplane.testing.live;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Conditions that come true by themselves, within a time limit. */
public final class Await {
    private static final int POLL_MILLIS = 20;

    private Await() {}

    /** Waits for a condition; {@code found} says in the failure message what was seen last. */
    public static void until(Duration limit, String what, BooleanSupplier condition, Supplier<?> found) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new LabError("not within " + limit.toMillis() + " ms: " + what, "found " + found.get());
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                throw new LabError("interrupted while waiting: " + what, e);
            }
        }
    }
}
