package dev.peregrine.dataplane.device.fdb;

/**
 * The replacement of a table by one of another size, in steps that take microseconds. At first entries are copied into
 * the fresh table, which nobody reads, and changes of those that were copied are made there, too. When it has taken the
 * other's place, the times are carried over at which workers saw hosts meanwhile. On the writing thread.
 */
final class FdbGrowth {
    /**
     * Slots that a step looks at: with a step for each entry that comes, of a new key or not, the fresh table is whole
     * long before it or the other is full.
     */
    static final int STEP = 64;

    private final FdbTable from;
    private final FdbTable to;

    /** Slots of {@code from} that were looked at, in this half of the work. */
    private int done;

    private boolean isCopied;

    /**
     * One that has not begun.
     *
     * @param to empty, with room for the entries there are and for one more with each step
     */
    FdbGrowth(FdbTable from, FdbTable to) {
        this.from = from;
        this.to = to;
    }

    /** The table that takes the other's place, once it is whole. */
    FdbTable fresh() {
        return to;
    }

    /** Whether the fresh table is whole, so that it has to take the other's place before the next change. */
    boolean isCopied() {
        return isCopied;
    }

    /** Does a part of the work; returns whether there is nothing left to do. */
    boolean step() {
        int end = Math.min(from.slots(), done + STEP);
        for (; done < end; done++) {
            if (isCopied) carry(done);
            else copy(done);
        }
        if (done < from.slots()) return false;
        if (isCopied) return true;
        isCopied = true;
        done = 0;
        return false;
    }

    /** The value of a slot of {@code from} has changed, which may be a new one. */
    void changed(int slot) {
        if (isCopied || slot >= done) return;
        int copy = to.find(from.key(slot));
        if (copy == FdbTable.NOT_FOUND) {
            copy(slot);
        } else {
            to.seen(copy, from.seen(slot));
            to.value(copy, from.value(slot));
        }
    }

    private void copy(int slot) {
        long value = from.value(slot);
        if (value != FdbTable.ABSENT) to.insert(from.key(slot), value, from.seen(slot));
    }

    /** A worker that still has the old table in hand may note a time there later: that one is lost. */
    private void carry(int slot) {
        if (from.value(slot) == FdbTable.ABSENT) return;
        int copy = to.find(from.key(slot));
        if (copy != FdbTable.NOT_FOUND && from.seen(slot) - to.seen(copy) > 0) to.seen(copy, from.seen(slot));
    }
}
