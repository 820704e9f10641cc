package dev.peregrine.dataplane.stage;

import dev.peregrine.dataplane.packet.Counter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts values by powers of two. A bucket counts those that are greater than the bound of the one before it and at
 * most its own bound; the last one has no bound. One writing thread; any thread may read, and sees counts that are at
 * most a little old.
 */
public final class Histogram {
    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

    private final int lowest;
    private final long[] counts;
    private final Counter sum = new Counter();

    /**
     * All counts at 0.
     *
     * @param lowest the first bound is two to the power of this, from 0 to 62
     * @param highest the last bound is two to the power of this, at least {@code lowest}
     */
    public Histogram(int lowest, int highest) {
        this.lowest = lowest;
        counts = new long[highest - lowest + 2];
    }

    /** Counts a value, which is not negative; only the owner calls this. */
    public void add(long value) {
        add(value, 1);
    }

    /** Counts a value that came a number of times; only the owner calls this. */
    public void add(long value, long times) {
        int power = value <= 1 ? 0 : Long.SIZE - Long.numberOfLeadingZeros(value - 1);
        int bucket = Math.min(Math.max(power - lowest, 0), counts.length - 1);
        COUNT.setOpaque(counts, bucket, counts[bucket] + times);
        sum.add(value * times);
    }

    /** Number of buckets, the one without a bound included. */
    public int buckets() {
        return counts.length;
    }

    /** The bound of a bucket; {@link Long#MAX_VALUE} for the last one. */
    public long bound(int bucket) {
        return bucket == counts.length - 1 ? Long.MAX_VALUE : 1L << (lowest + bucket);
    }

    /** How many values fell into a bucket. */
    public long count(int bucket) {
        return (long) COUNT.getOpaque(counts, bucket);
    }

    /** The sum of all values. */
    public long sum() {
        return sum.value();
    }
}
