package dev.peregrine.dataplane.policy;

import dev.peregrine.dataplane.packet.HitCount;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * How often a rule was met, in wire packets and bytes: a cache line for each worker, its only writer; any thread may
 * read the sums.
 */
public final class Hits {
    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int STRIDE = 8;
    private static final int BYTES = 1;

    private final long[] counts;
    private final @Nullable HitCount[] hitCounts;

    /** All counts at 0, for workers with numbers below {@code workers}. */
    public Hits(int workers) {
        counts = new long[workers * STRIDE];
        hitCounts = new HitCount[workers];
    }

    /** Counts wire packets; returns how many there were before on this worker. Called by the worker alone. */
    long add(int worker, int packets, long bytes) {
        int at = worker * STRIDE;
        long before = counts[at];
        COUNT.setOpaque(counts, at, before + packets);
        COUNT.setOpaque(counts, at + BYTES, counts[at + BYTES] + bytes);
        return before;
    }

    /** One worker's way to count here, always the same; asked for by the worker alone. */
    HitCount of(int worker) {
        HitCount hitCount = hitCounts[worker];
        if (hitCount == null) {
            hitCount = (segments, bytes) -> add(worker, segments, bytes);
            hitCounts[worker] = hitCount;
        }
        return hitCount;
    }

    /** Wire packets of all workers. */
    public long packets() {
        return sum(0);
    }

    /** Wire bytes of all workers. */
    public long bytes() {
        return sum(BYTES);
    }

    private long sum(int offset) {
        long sum = 0;
        for (int at = offset; at < counts.length; at += STRIDE) {
            sum += (long) COUNT.getOpaque(counts, at);
        }
        return sum;
    }
}
