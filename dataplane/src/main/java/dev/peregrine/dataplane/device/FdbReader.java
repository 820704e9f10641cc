package dev.peregrine.dataplane.device;

import dev.peregrine.dataplane.packet.Packet;

/**
 * One worker's way to look up an {@link Fdb}: finds an entry and remembers it, so that a run of packets with one MAC
 * costs one look-up. Not thread-safe; the table behind it may change at any time.
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

    /** Forgets the entry that was found last: a new batch begins, and with it changes come into sight. */
    public void forget() {
        key = 0;
        value = FdbTable.ABSENT;
    }

    /** Looks for the entry of a MAC in a segment; the other methods then speak about it. */
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

    /** The port of the entry that was found; {@link Packet#NO_PORT} when there is none. */
    public int port() {
        return value == FdbTable.ABSENT ? Packet.NO_PORT : FdbTable.port(value);
    }

    /** Whether the entry that was found is static. */
    public boolean isStatic() {
        return FdbTable.isStatic(value);
    }

    /** Whether the entry that was found stays at its port whatever is seen: it is static or sticky. */
    public boolean isBound() {
        return FdbTable.isBound(value);
    }

    /**
     * Notes that the MAC of the entry that was found was seen: the only thing that workers write. Coarse, to about a
     * second; a note that meets a change of the entry may be lost or survive it, which costs at most an early or a
     * late ageing.
     */
    public void refresh(long nowNanos) {
        if (value != FdbTable.ABSENT && nowNanos - table.seen(slot) >= REFRESH_NANOS) {
            table.seen(slot, nowNanos);
        }
    }

    /** From when on {@link #refresh} does something for the entry that was found. */
    long refreshNanos(long nowNanos) {
        return (value == FdbTable.ABSENT ? nowNanos : table.seen(slot)) + REFRESH_NANOS;
    }
}
