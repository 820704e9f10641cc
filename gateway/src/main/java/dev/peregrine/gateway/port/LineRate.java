package dev.peregrine.gateway.port;

import java.util.concurrent.TimeUnit;

/** How often a log may tell of events: {@value #BURST} lines at once, and one a second. One thread. */
public final class LineRate {
    /** Lines at once. */
    public static final int BURST = 10;

    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** When there is room for a whole burst again. */
    private long fullNanos;

    /** Lines from {@code nowNanos} on. */
    public LineRate(long nowNanos) {
        fullNanos = nowNanos;
    }

    /** Whether there is room for a line now, which then counts. */
    public boolean admits(long nowNanos) {
        long ahead = Math.max(0, fullNanos - nowNanos);
        if (ahead > (BURST - 1) * INTERVAL_NANOS) {
            return false;
        }
        fullNanos = nowNanos + ahead + INTERVAL_NANOS;
        return true;
    }
}
