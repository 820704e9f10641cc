package dev.peregrine.controlplane.resolve;

import dev.peregrine.dataplane.header.Mix;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A hash table of entries that have their own links and a key of 128 bits: one reference for each entry beside the
 * entry itself. It grows a little with each entry that is added, so that no one of them takes long. The seed keeps
 * whoever chooses keys from choosing their buckets.
 */
final class EntryTable<E extends EntryTable.Entry<E>> {
    private static final int INITIAL = 16;

    /** Buckets that move with each entry that is added: all have long before the table is to grow again. */
    private static final int STEP = 8;

    /** Buckets that a walk looks at in a step, for each entry that it may visit. */
    private static final int BUCKETS_PER_ENTRY = 4;

    private final long seed;
    private @Nullable Entry<E>[] buckets = empty(INITIAL);

    /** The buckets from before the last growth; null once all their entries have moved. */
    private @Nullable Entry<E> @Nullable [] old;

    /** How many of the old buckets have moved. */
    private int moved;

    private int size;

    /** An element of a table; it is in one table at a time. */
    abstract static class Entry<E extends Entry<E>> {
        private @Nullable Entry<E> nextInBucket;

        /** First half of the key. */
        abstract long high();

        /** Second half of the key. */
        abstract long low();
    }

    /**
     * A visit to all entries that are there when it begins, a few at a time, while others come and go; some of these
     * are visited too, and an entry may be twice.
     */
    final class Walk {
        /** Classes of entries by the low bits of their hashes: one stays in its class while the table grows. */
        private final int classes = old == null ? buckets.length : old.length;

        private int done;
        private int visited;

        /** Visits some, which the visitor neither adds nor removes; returns whether there are more. */
        boolean step(int max, Consumer<E> visitor) {
            visited = 0;
            for (int looks = 0; done < classes && visited < max && looks < BUCKETS_PER_ENTRY * max; looks++, done++) {
                visit(buckets, visitor);
                if (old != null) visit(old, visitor);
            }
            return done < classes;
        }

        @SuppressWarnings("unchecked") // only an E is added
        private void visit(@Nullable Entry<E>[] table, Consumer<E> visitor) {
            for (int bucket = done & (table.length - 1); bucket < table.length; bucket += classes) {
                for (Entry<E> entry = table[bucket]; entry != null; entry = entry.nextInBucket) {
                    visitor.accept((E) entry);
                    visited++;
                }
            }
        }
    }

    EntryTable(long seed) {
        this.seed = seed;
    }

    Walk walk() {
        return new Walk();
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static <E extends Entry<E>> @Nullable Entry<E>[] empty(int length) {
        return new Entry[length];
    }

    int size() {
        return size;
    }

    private int hash(long high, long low) {
        return (int) Mix.fold(high ^ seed, low ^ Mix.fold(seed, Mix.GOLDEN));
    }

    /** The table that has the bucket of a hash now. */
    private @Nullable Entry<E>[] tableOf(int hash) {
        @Nullable Entry<E>[] before = old;
        return before != null && (hash & (before.length - 1)) >= moved ? before : buckets;
    }

    @SuppressWarnings("unchecked") // only an E is added
    @Nullable
    E get(long high, long low) {
        int hash = hash(high, low);
        @Nullable Entry<E>[] table = tableOf(hash);
        Entry<E> entry = table[hash & (table.length - 1)];
        while (entry != null && (entry.low() != low || entry.high() != high)) entry = entry.nextInBucket;
        return (E) entry;
    }

    /** Adds an entry whose key is not there. */
    void add(E entry) {
        if (old == null && size == buckets.length) {
            old = buckets;
            moved = 0;
            buckets = empty(2 * size);
        }
        move();
        int hash = hash(entry.high(), entry.low());
        link(entry, tableOf(hash), hash);
        size++;
    }

    private void link(Entry<E> entry, @Nullable Entry<E>[] table, int hash) {
        int bucket = hash & (table.length - 1);
        entry.nextInBucket = table[bucket];
        table[bucket] = entry;
    }

    private void move() {
        @Nullable Entry<E>[] before = old;
        if (before == null) return;
        for (int end = Math.min(before.length, moved + STEP); moved < end; moved++) {
            Entry<E> next;
            for (Entry<E> entry = before[moved]; entry != null; entry = next) {
                next = entry.nextInBucket;
                link(entry, buckets, hash(entry.high(), entry.low()));
            }
            before[moved] = null;
        }
        if (moved == before.length) old = null;
    }

    /** Removes an entry that is there. */
    void remove(E entry) {
        int hash = hash(entry.high(), entry.low());
        @Nullable Entry<E>[] table = tableOf(hash);
        int bucket = hash & (table.length - 1);
        Entry<E> before = null;
        Entry<E> at = table[bucket];
        while (at != null && (at.low() != entry.low() || at.high() != entry.high())) {
            before = at;
            at = at.nextInBucket;
        }
        if (at == null) throw new IllegalStateException("not in the table");
        if (before == null) table[bucket] = at.nextInBucket;
        else before.nextInBucket = at.nextInBucket;
        at.nextInBucket = null;
        if (--size == 0 && buckets.length > INITIAL) {
            buckets = empty(INITIAL);
            old = null;
        }
    }
}
