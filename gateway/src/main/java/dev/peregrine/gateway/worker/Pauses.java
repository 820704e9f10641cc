package dev.peregrine.gateway.worker;

import java.util.Arrays;

/**
 * For how long workers stood still while their graphs were joined again: the latest times. Belongs to the control
 * thread.
 */
final class Pauses {
    private static final int KEPT = 2048;

    private final long[] nanos = new long[KEPT];
    private long count;
    private long longest;

    void add(long pauseNanos) {
        nanos[(int) (count++ % KEPT)] = pauseNanos;
        longest = Math.max(longest, pauseNanos);
    }

    /** How many there were. */
    long count() {
        return count;
    }

    /** The longest of all, in nanoseconds. */
    long longest() {
        return longest;
    }

    /** The time that 99 of 100 of the latest did not exceed; 0 before the first. */
    long percentile99() {
        int kept = (int) Math.min(count, KEPT);
        if (kept == 0) {
            return 0;
        }
        long[] sorted = Arrays.copyOf(nanos, kept);
        Arrays.sort(sorted);
        return sorted[(int) Math.ceil(kept * 0.99) - 1];
    }
}
