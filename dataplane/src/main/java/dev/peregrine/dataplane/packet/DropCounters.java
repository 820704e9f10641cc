package dev.peregrine.dataplane.packet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How many wire packets were dropped, by reason. One writing thread; any thread may read, and sees values that are at
 * most a little old.
 */
public final class DropCounters {
    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] counts = new long[DropReason.values().length];

    /** Counts dropped wire packets; only the owner calls this. */
    public void add(DropReason reason, long segments) {
        int index = reason.index();
        COUNT.setOpaque(counts, index, counts[index] + segments);
    }

    /** Wire packets dropped for a reason. */
    public long count(DropReason reason) {
        return (long) COUNT.getOpaque(counts, reason.index());
    }

    /** Wire packets dropped for any reason. */
    public long total() {
        long sum = 0;
        for (int i = 0; i < counts.length; i++) {
            sum += (long) COUNT.getOpaque(counts, i);
        }
        return sum;
    }

    /** Counts a packet's segments under a reason and releases it. */
    public void drop(Packet packet, DropReason reason) {
        add(reason, packet.segments());
        packet.pool().release(packet);
    }
}
