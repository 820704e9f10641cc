package dev.peregrine.dataplane.device.fdb;

import java.util.BitSet;

/**
 * The entries of an {@link Fdb} that control planes give. They take the place of learned ones that may move, and of no
 * others; limits of segments and ports do not apply. Look-ups find a change at once; decisions that were remembered end
 * with {@link #publish}, once for many changes, and only in segments where one may be out of date: not where only MACs
 * became known. On the writing thread.
 */
public final class FdbGiven {
    private final FdbEntries entries;
    private final FdbLimits limits;
    private final FdbListeners listeners;
    private final BitSet touched = new BitSet();

    /** The outcome of a wish for an entry. */
    public enum Outcome {
        /** It is there. */
        GIVEN,
        /** An entry of the file, a command or a port stays in its place. */
        BOUND,
        /** The table is full. */
        FULL
    }

    FdbGiven(FdbEntries entries, FdbLimits limits, FdbListeners listeners) {
        this.entries = entries;
        this.limits = limits;
        this.listeners = listeners;
    }

    /** Has a MAC lead to a port; {@code isSticky} where learning does not move it. */
    public Outcome set(int segment, long mac, int port, boolean isSticky, long nowNanos) {
        if (!Fdb.isUnicast(mac)) {
            throw new IllegalArgumentException("not a unicast MAC: " + Long.toHexString(mac));
        }
        limits.requireSegment(segment);
        long key = FdbTable.key(segment, mac);
        long value = FdbTable.value(port, isSticky ? Fdb.Kind.CONTROL_STICKY : Fdb.Kind.CONTROL);
        int slot = entries.table().find(key);
        long old = entries.value(slot);
        if (old == FdbTable.ABSENT) {
            return add(key, slot, value, nowNanos);
        }
        if (FdbTable.isBound(old) && !FdbTable.isControl(old)) {
            return Outcome.BOUND;
        }
        if (old != value) {
            count(key, old, -1);
            count(key, value, 1);
            entries.set(slot, value, nowNanos);
            touched.set(segment);
        }
        return Outcome.GIVEN;
    }

    private Outcome add(long key, int slot, long value, long nowNanos) {
        if (entries.size() >= limits.capacity()) {
            return Outcome.FULL;
        }
        entries.store(key, slot, value, nowNanos);
        count(key, value, 1);
        if (FdbTable.isBound(value)) {
            touched.set(FdbTable.segment(key));
        }
        return Outcome.GIVEN;
    }

    /** Removes the entry of a MAC if it is of a control plane; else it is somebody else's by now. */
    public void remove(int segment, long mac) {
        long key = FdbTable.key(segment, mac);
        int slot = entries.table().find(key);
        long old = entries.value(slot);
        if (FdbTable.isControl(old)) {
            entries.remove(slot);
            count(key, old, -1);
            touched.set(segment);
        }
    }

    /** Tells the listener of {@link FdbListeners#onChange} where earlier decisions may be out of date. */
    public void publish() {
        for (int segment = touched.nextSetBit(0); segment >= 0; segment = touched.nextSetBit(segment + 1)) {
            listeners.changed(segment);
        }
        touched.clear();
    }

    private void count(long key, long value, int change) {
        limits.count(FdbTable.segment(key), FdbTable.port(value), FdbTable.kind(value), change);
    }
}
