package dev.peregrine.load.sink;

/**
 * Gives flows slots, a bounded number of them: a new flow takes the slot of the one that has been quiet for longest
 * among those that compete for the same few. Flow numbers that follow each other fill the table evenly. One thread;
 * allocates nothing after construction.
 */
public final class FlowTable {
    private static final int WAYS = 8;

    private final int mask;
    private final int[] flows;
    /** When a slot was last used, in look-ups; 0: it is free. */
    private final long[] used;

    private long lookups;
    private long distinct;
    private long evicted;

    /** @param capacity slots, a power of two and at least 8 */
    public FlowTable(int capacity) {
        if (capacity < WAYS || Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("capacity " + capacity + " is not a power of two from 8 on");
        }
        mask = capacity / WAYS - 1;
        flows = new int[capacity];
        used = new long[capacity];
    }

    /** The flow's slot, from 0 on; for a flow that has just got it, its complement ({@code ~slot}). */
    public int slot(int flow) {
        lookups++;
        int base = (flow & mask) * WAYS;
        int oldest = base;
        for (int slot = base; slot < base + WAYS; slot++) {
            if (flows[slot] == flow && used[slot] != 0) {
                used[slot] = lookups;
                return slot;
            }
            if (used[slot] < used[oldest]) oldest = slot;
        }
        distinct++;
        if (used[oldest] != 0) evicted++;
        flows[oldest] = flow;
        used[oldest] = lookups;
        return ~oldest;
    }

    public int capacity() {
        return flows.length;
    }

    public boolean isUsed(int slot) {
        return used[slot] != 0;
    }

    public int flow(int slot) {
        return flows[slot];
    }

    /** Flows that have got a slot; one that lost its slot and came again counts again. */
    public long distinct() {
        return distinct;
    }

    /** Flows that have lost their slot to another. */
    public long evicted() {
        return evicted;
    }
}
