package dev.peregrine.dataplane.device.fdb;

import dev.peregrine.dataplane.packet.Packet;

/**
 * One worker's reader of an {@link Fdb}: finds an entry and remembers it, so that a run of packets with one MAC costs
 * one look-up. Not thread-safe; the table behind it may change at any time.
 */
public final class FdbReader {
    /** How much older than the clock an entry's age must be to be worth a write to a shared cache line. */
    private static final long REFRESH_NANOS = 1_000_000_000L;

    private final Fdb fdb;
    private FdbTable table;
    private long key;
    private int slot;
    private long value;

    FdbReader(Fdb fdb) {
        this.fdb = fdb;
        table = fdb.table();
    }

    /** Forgets the last found entry: a new batch begins, and sees the changes made since. */
    public void forget() {
        key = 0;
        value = FdbTable.ABSENT;
    }

    /** Finds the entry of a MAC in a segment; the other methods then refer to it. */
    public boolean find(int segment, long mac) {
        long wanted = FdbTable.key(segment, mac);
        if (wanted != key) {
            key = wanted;
            table = fdb.table();
            slot = table.find(wanted);
            value = slot == FdbTable.NOT_FOUND ? FdbTable.ABSENT : table.value(slot);
        }
        return value != FdbTable.ABSENT;
    }

    /** The port of the found entry; {@link Packet#NO_PORT} when there is none. */
    public int port() {
        return value == FdbTable.ABSENT ? Packet.NO_PORT : FdbTable.port(value);
    }

    /** Whether the found entry is static. */
    public boolean isStatic() {
        return FdbTable.isStatic(value);
    }

    /** Whether the found entry is of a control plane. */
    public boolean isControl() {
        return FdbTable.isControl(value);
    }

    /** Whether the found entry never moves: it is static or sticky. */
    public boolean isBound() {
        return FdbTable.isBound(value);
    }

    /**
     * Records that the MAC of the found entry was seen; workers write nothing else. Accurate to about a second. A write
     * that meets a change of the entry may be lost or survive it, which costs at most an early or a late ageing.
     */
    public void refresh(long nowNanos) {
        if (value != FdbTable.ABSENT && nowNanos - table.seen(slot) >= REFRESH_NANOS) {
            table.seen(slot, nowNanos);
        }
    }

    /** The time from which on {@link #refresh} writes to the found entry. */
    public long refreshNanos(long nowNanos) {
        return (value == FdbTable.ABSENT ? nowNanos : table.seen(slot)) + REFRESH_NANOS;
    }
}
