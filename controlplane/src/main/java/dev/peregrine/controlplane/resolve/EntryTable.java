package dev.peregrine.controlplane.resolve;

import dev.peregrine.dataplane.header.Mix;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A hash table of entries that have their own links and a key of 128 bits: one reference for each entry beside the entry
 * itself. The seed keeps whoever chooses keys from choosing their buckets.
 */
final class EntryTable<E extends EntryTable.Entry<E>> {
    private static final int INITIAL = 16;

    private final long seed;
    private @Nullable Entry<E>[] buckets = empty(INITIAL);
    private int size;

    /** What a table holds; in one table at a time. */
    abstract static class Entry<E extends Entry<E>> {
        private @Nullable Entry<E> nextInBucket;

        /** First half of the key. */
        abstract long high();

        /** Second half of the key. */
        abstract long low();
    }

    EntryTable(long seed) {
        this.seed = seed;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static <E extends Entry<E>> @Nullable Entry<E>[] empty(int length) {
        return new Entry[length];
    }

    int size() {
        return size;
    }

    private int bucket(long high, long low) {
        return (int) Mix.fold(high ^ seed, low ^ Mix.fold(seed, Mix.GOLDEN)) & (buckets.length - 1);
    }

    @SuppressWarnings("unchecked") // only an E is added
    @Nullable
    E get(long high, long low) {
        Entry<E> entry = buckets[bucket(high, low)];
        while (entry != null && (entry.low() != low || entry.high() != high)) entry = entry.nextInBucket;
        return (E) entry;
    }

    /** Adds an entry whose key is not there. */
    void add(E entry) {
        if (size == buckets.length) grow();
        link(entry);
        size++;
    }

    private void link(Entry<E> entry) {
        int bucket = bucket(entry.high(), entry.low());
        entry.nextInBucket = buckets[bucket];
        buckets[bucket] = entry;
    }

    private void grow() {
        @Nullable Entry<E>[] old = buckets;
        buckets = empty(old.length * 2);
        for (Entry<E> first : old) {
            Entry<E> next;
            for (Entry<E> entry = first; entry != null; entry = next) {
                next = entry.nextInBucket;
                link(entry);
            }
        }
    }

    /** Removes an entry that is there. */
    void remove(E entry) {
        int bucket = bucket(entry.high(), entry.low());
        Entry<E> before = null;
        Entry<E> at = buckets[bucket];
        while (at != null && (at.low() != entry.low() || at.high() != entry.high())) {
            before = at;
            at = at.nextInBucket;
        }
        if (at == null) throw new IllegalStateException("not in the table");
        if (before == null) buckets[bucket] = at.nextInBucket;
        else before.nextInBucket = at.nextInBucket;
        at.nextInBucket = null;
        if (--size == 0 && buckets.length > INITIAL) buckets = empty(INITIAL);
    }

    /** Visits all entries, in no order; the visitor adds and removes none. */
    @SuppressWarnings("unchecked") // only an E is added
    void forEach(Consumer<E> visitor) {
        for (Entry<E> first : buckets) {
            for (Entry<E> entry = first; entry != null; entry = entry.nextInBucket) visitor.accept((E) entry);
        }
    }
}
