package dev.peregrine.dataplane.device.fdb;

import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/** The entries of an {@link Fdb}, in a table that grows with them. One thread writes; {@link #table} is for any. */
final class FdbEntries {
    private static final int MIN_SLOTS = 64;

    private final IntFunction<FdbTable> tables;
    private volatile FdbTable table;
    private int size;

    /** Takes tables of a number of slots from {@code tables}, which may fail for want of memory. */
    FdbEntries(IntFunction<FdbTable> tables) {
        this.tables = tables;
        table = tables.apply(MIN_SLOTS);
    }

    /** Slots of a table for a number of entries. */
    static int slots(int entries) {
        return Math.max(MIN_SLOTS, Integer.highestOneBit(3 * entries) * 2);
    }

    FdbTable table() {
        return table;
    }

    int size() {
        return size;
    }

    /** The value in a slot that {@link FdbTable#find} answered; {@link FdbTable#ABSENT} where there is no entry. */
    long value(int slot) {
        return slot == FdbTable.NOT_FOUND ? FdbTable.ABSENT : table.value(slot);
    }

    /** Frees the slot of an entry; its key stays. */
    void remove(int slot) {
        table.value(slot, FdbTable.ABSENT);
        size--;
    }

    /** Shows every entry, in no order. */
    void forEach(Fdb.Visitor visitor) {
        FdbTable current = table;
        for (int slot = 0; slot < current.slots(); slot++) {
            long value = current.value(slot);
            if (value != FdbTable.ABSENT) {
                long key = current.key(slot);
                visitor.entry(
                        FdbTable.segment(key),
                        FdbTable.mac(key),
                        FdbTable.port(value),
                        FdbTable.kind(value),
                        current.seen(slot));
            }
        }
    }

    /** Has the slots of the entries that are meant removed; returns how many. */
    int removeIf(Fdb.Choice choice, IntConsumer remover) {
        FdbTable current = table;
        int removed = 0;
        for (int slot = 0; slot < current.slots(); slot++) {
            long value = current.value(slot);
            if (value != FdbTable.ABSENT
                    && choice.test(
                            FdbTable.segment(current.key(slot)),
                            FdbTable.mac(current.key(slot)),
                            FdbTable.port(value),
                            FdbTable.kind(value),
                            current.seen(slot))) {
                remover.accept(slot);
                removed++;
            }
        }
        return removed;
    }

    /** Fills the slot that the key had before, or a fresh one. Without memory for a larger table nothing has changed. */
    void store(long key, int slot, long value, long nowNanos) {
        if (slot != FdbTable.NOT_FOUND) {
            table.seen(slot, nowNanos);
            table.value(slot, value);
        } else {
            if (table.used() >= table.slots() / 2) {
                table = rebuilt();
            }
            table.insert(key, value, nowNanos);
        }
        size++;
    }

    /** A table with the entries alone, without the keys that removed ones left behind, and with room to grow. */
    private FdbTable rebuilt() {
        FdbTable old = table;
        FdbTable fresh = tables.apply(slots(size + 1));
        for (int slot = 0; slot < old.slots(); slot++) {
            long value = old.value(slot);
            if (value != FdbTable.ABSENT) {
                fresh.insert(old.key(slot), value, old.seen(slot));
            }
        }
        return fresh;
    }
}
