package dev.peregrine.dataplane.device.fdb;

import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The entries of an {@link Fdb}, in a table that grows with them, a little with each entry that comes. One thread
 * writes; {@link #table} is for any.
 */
final class FdbEntries {
    private static final int MIN_SLOTS = 64;

    private final IntFunction<FdbTable> tables;
    private volatile FdbTable table;
    private int size;

    /** The growth in progress; null without. */
    private @Nullable FdbGrowth growth;

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
        changed(slot);
        size--;
    }

    /** Gives an entry another value. */
    void set(int slot, long value, long nowNanos) {
        table.seen(slot, nowNanos);
        table.value(slot, value);
        changed(slot);
    }

    private void changed(int slot) {
        if (growth != null) growth.changed(slot);
    }

    /** Shows every entry, in no order. */
    void forEach(Fdb.Visitor visitor) {
        carryTimes();
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
        carryTimes();
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

    /**
     * Fills the slot that the key had before, or a fresh one. Without memory for a larger table nothing has changed.
     */
    void store(long key, int slot, long value, long nowNanos) {
        int its = slot;
        if (growth != null) {
            step(growth); // for the slot of a removed entry too: it may be one more key for the fresh table
            its = table.find(key);
        } else if (slot == FdbTable.NOT_FOUND && table.used() >= table.slots() / 2) {
            grow();
        }
        if (its != FdbTable.NOT_FOUND) set(its, value, nowNanos);
        else changed(table.insert(key, value, nowNanos));
        size++;
    }

    /**
     * Begins with a table that has the entries alone, without the keys that removed ones left behind, and room for
     * those that come in both halves of the work, which fill it to two thirds at most.
     */
    private void grow() {
        int further = table.slots() / FdbGrowth.STEP + 1;
        growth = new FdbGrowth(table, tables.apply(slots(Math.max(size, size / 2 + further) + 1)));
        step(growth);
    }

    private void step(FdbGrowth under) {
        boolean isDone = under.step();
        if (under.isCopied()) table = under.fresh();
        if (isDone) growth = null;
    }

    /** A reader of all entries' times has those at which workers saw hosts while the table grew. */
    private void carryTimes() {
        FdbGrowth under = growth;
        while (under != null && under.isCopied() && growth != null) step(under);
    }
}
