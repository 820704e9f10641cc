package dev.peregrine.fastpath;

/**
 * Counts packets of a flow that went by the tier below, as if the flow cache had taken them. Belongs to the flow's
 * worker.
 */
public final class FlowAccount {
    private final FlowAction action;
    private final long[] notes;

    FlowAccount(FlowAction action, long[] notes) {
        this.action = action;
        this.notes = notes;
    }

    /** Adds wire packets with their bytes, without tunnel headers, and keeps entries young that they stand for. */
    public void add(long packets, long bytes, long nowNanos) {
        long left = packets;
        while (left > 0) {
            int part = (int) Math.min(left, Integer.MAX_VALUE);
            action.count(part, part, part == left ? bytes : 0);
            action.flushCounts();
            left -= part;
        }
        for (int i = 0; i < action.keepAlives(); i++) {
            action.refresh(i).refresh(notes[i], nowNanos);
        }
    }
}
