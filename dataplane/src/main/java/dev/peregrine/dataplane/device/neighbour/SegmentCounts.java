package dev.peregrine.dataplane.device.neighbour;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/** A count for each segment. One writing thread; any thread may read, and sees values that are at most a little old. */
public final class SegmentCounts {
    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int FIRST_LENGTH = 16;

    private volatile long[] counts = new long[FIRST_LENGTH];

    /** Counts of 0. */
    public SegmentCounts() {}

    /** Adds to the count of a segment, which must not be negative; only the owner calls this. */
    public void add(int segment, long more) {
        long[] known = counts;
        if (segment >= known.length) {
            known = Arrays.copyOf(known, Integer.highestOneBit(segment) * 2);
            counts = known; // once for each doubling of the number of segments
        }
        COUNT.setOpaque(known, segment, known[segment] + more);
    }

    /** The count of a segment. */
    public long value(int segment) {
        long[] known = counts;
        return segment < known.length ? (long) COUNT.getOpaque(known, segment) : 0;
    }
}
