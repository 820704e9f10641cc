package dev.peregrine.dataplane.policy.match;

import static java.lang.Math.clamp;
import static java.lang.Math.min;

import dev.peregrine.dataplane.header.Mix;

/**
 * The tables of a {@link TupleSpace} that can have an entry for a frame, by five of its fields: source and destination
 * by two prefix lengths each, and the destination port (pruned tuple space search, Srinivasan, Suri and Varghese 1999).
 * For each value of a field, by its hash, there is a word with a bit for each table. The tables from the 64th on share
 * a bit. A table that was removed leaves its bits; immutable once it is published.
 */
final class TupleFilter {
    /** The bit of all tables that have none of their own. */
    static final int SHARED_BIT = 63;

    private static final int FIELDS = 5;
    private static final int MIN_VALUES = 64;
    private static final int MAX_VALUES = 4096;

    private final int fine;
    private final int coarse;
    private final int shift;
    private final long[] present;
    private final long[] indifferent;

    /** A filter of no table, for about {@code entries} entries. */
    TupleFilter(int family, int entries) {
        fine = family == 4 ? 24 : 64;
        coarse = family == 4 ? 16 : 48;
        int values = clamp(2L * Integer.highestOneBit(entries), MIN_VALUES, MAX_VALUES);
        shift = Long.numberOfLeadingZeros(values) + 1;
        present = new long[values * FIELDS];
        indifferent = new long[FIELDS];
    }

    private TupleFilter(TupleFilter other) {
        fine = other.fine;
        coarse = other.coarse;
        shift = other.shift;
        present = other.present.clone();
        indifferent = other.indifferent.clone();
    }

    TupleFilter copy() {
        return new TupleFilter(this);
    }

    /** Whether a filter for {@code entries} entries would be larger. */
    boolean isSmallFor(int entries) {
        return entries > present.length / FIELDS && present.length / FIELDS < MAX_VALUES;
    }

    /** Notes an entry of a table, given by a frame that meets it. */
    void add(int table, Tuple tuple, FrameFields example) {
        long bit = 1L << min(table, SHARED_BIT);
        add(0, tuple.source() >= fine, example.sourceHigh >>> (64 - fine), bit);
        add(1, tuple.source() >= coarse, example.sourceHigh >>> (64 - coarse), bit);
        add(2, tuple.destination() >= fine, example.destinationHigh >>> (64 - fine), bit);
        add(3, tuple.destination() >= coarse, example.destinationHigh >>> (64 - coarse), bit);
        add(4, tuple.destinationPort() == 16, example.ends & 0xffff, bit);
    }

    private void add(int field, boolean asked, long value, long bit) {
        if (asked) {
            present[place(field, value)] |= bit;
        } else {
            indifferent[field] |= bit;
        }
    }

    /** A bit for each table that can have an entry for a frame. */
    long tables(FrameFields frame) {
        return of(0, frame.sourceHigh >>> (64 - fine))
                & of(1, frame.sourceHigh >>> (64 - coarse))
                & of(2, frame.destinationHigh >>> (64 - fine))
                & of(3, frame.destinationHigh >>> (64 - coarse))
                & of(4, frame.ends & 0xffff);
    }

    private long of(int field, long value) {
        return present[place(field, value)] | indifferent[field];
    }

    /** The index of the word of a field's value; the words of one field are adjacent. */
    private int place(int field, long value) {
        return (field << (64 - shift)) + (int) ((value * Mix.GOLDEN) >>> shift);
    }
}
