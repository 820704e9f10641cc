package dev.peregrine.dataplane.device;

import java.util.Arrays;

/**
 * Bounds how many replies each sender gets: {@value #BURST} at once, and {@value #PER_SECOND} a second. Senders that
 * share one of {@value #SLOTS} places share its allowance, so that all replies together are bounded, too. Belongs to
 * one worker.
 */
final class ReplyLimit {
    static final int BURST = 20;
    static final int PER_SECOND = 20;

    private static final int SLOTS = 256;
    private static final int GOLDEN = 0x9e37_79b1;
    private static final long INTERVAL_NANOS = 1_000_000_000L / PER_SECOND;
    private static final long AHEAD_NANOS = (BURST - 1) * INTERVAL_NANOS;

    /** When each place has its whole allowance again: the generic cell rate algorithm (ITU-T I.371). */
    private final long[] full = new long[SLOTS];

    private boolean begun;

    /** Takes one reply of a sender's allowance; false when it is used up. */
    boolean take(int sender, long nowNanos) {
        if (!begun) {
            begun = true;
            Arrays.fill(full, nowNanos);
        }
        int slot = (sender * GOLDEN) >>> 24;
        long ahead = Math.max(0, full[slot] - nowNanos);
        if (ahead > AHEAD_NANOS) {
            return false;
        }
        full[slot] = nowNanos + ahead + INTERVAL_NANOS;
        return true;
    }
}
