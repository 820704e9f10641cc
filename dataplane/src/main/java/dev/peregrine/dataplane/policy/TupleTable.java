package dev.peregrine.dataplane.policy;

import java.util.Arrays;

/**
 * A hash table of rules by the bits that a {@link Tuple} names, each slot with a chain of rules in their order. It
 * compares hashes alone: the caller asks each rule of the chain itself. Immutable once it is
 * published: changes are made to a {@link #copy}.
 *
 * <pre>
 *   63                32 31                 0
 *  +--------------------+--------------------+
 *  |   half the hash    |  1 + chain's head  |    a slot; 0 is free; head 0: a chain that became empty
 *  +--------------------+--------------------+
 * </pre>
 */
final class TupleTable {
    /** The end of a chain. */
    static final int END = -1;

    /** The position of an element that was removed. */
    private static final int GONE = Integer.MAX_VALUE;

    private static final long SIGNATURE = 0xffff_ffff_0000_0000L;
    private static final long NOT_FREE = 1L << 32;
    private static final long C0 = 0x9e37_79b9_7f4a_7c15L;
    private static final long C1 = 0xff51_afd7_ed55_8ccdL;
    private static final long C2 = 0xc4ce_b9fe_1a85_ec53L;
    private static final long C3 = 0xbf58_476d_1ce4_e5b9L;
    private static final long C4 = 0x94d0_49bb_1331_11ebL;
    private static final long C5 = 0xd6e8_feb8_6659_fd93L;
    private static final long C6 = 0xa076_1d64_78bd_642fL;

    private final Tuple tuple;
    private final long addresses;
    private final long sourceLow;
    private final long destinationHigh;
    private final long destinationLow;
    private final long ends;
    private final long sourceMac;
    private final long destinationMac;
    private final boolean wide;
    private final boolean macs;
    private long[] slots = new long[8];
    private int shift = 61;
    private int used;
    private int[] tails = new int[8];
    private int[] positions = new int[8];
    private int[] next = new int[8];
    private int size;
    private int live;
    private int first = GONE;

    /** Whether slots and chains are another table's too. */
    private boolean shared;

    TupleTable(Tuple tuple) {
        this.tuple = tuple;
        boolean ipv4 = tuple.family() == 4;
        long sourceMask = Network.maskHigh(tuple.source());
        long destinationMask = Network.maskHigh(tuple.destination());
        addresses = ipv4 ? sourceMask | destinationMask >>> 32 : sourceMask;
        sourceLow = Network.maskLow(tuple.source());
        destinationHigh = ipv4 ? 0 : destinationMask;
        destinationLow = Network.maskLow(tuple.destination());
        ends = (portMask(tuple.sourcePort()) << 32) | portMask(tuple.destinationPort());
        sourceMac = tuple.sourceMac() ? -1 : 0;
        destinationMac = tuple.destinationMac() ? -1 : 0;
        wide = (sourceLow | destinationHigh | destinationLow) != 0;
        macs = (sourceMac | destinationMac) != 0;
    }

    private TupleTable(TupleTable other) {
        this(other.tuple);
        other.shared = true;
        shared = true;
        slots = other.slots;
        shift = other.shift;
        used = other.used;
        tails = other.tails;
        next = other.next;
        positions = other.positions.clone();
        first = other.first;
        size = other.size;
        live = other.live;
    }

    private static long portMask(int length) {
        return 0xffff & -1L << (16 - length);
    }

    /** Hashes the bits of a frame that count here. */
    long hash(FrameFields frame) {
        long word = frame.family == 4 ? frame.sourceHigh | frame.destinationHigh >>> 32 : frame.sourceHigh;
        long hash = (word & addresses) * C0 + (frame.ends & ends) * C1;
        if (wide) {
            hash += (frame.sourceLow & sourceLow) * C2
                    + (frame.destinationHigh & destinationHigh) * C3
                    + (frame.destinationLow & destinationLow) * C4;
        }
        if (macs) {
            hash += (frame.sourceMac & sourceMac) * C5 + (frame.destinationMac & destinationMac) * C6;
        }
        hash = (hash ^ (hash >>> 32)) * C1;
        return (hash ^ (hash >>> 29)) | NOT_FREE;
    }

    /** The head of the chain for a hash; {@link #END} when there is none. */
    int chain(long hash) {
        return (int) slots[slot(hash)] - 1;
    }

    /** The place of a chain's element among all rules. */
    int position(int element) {
        return positions[element];
    }

    /** The element behind another; {@link #END} behind the last. */
    int next(int element) {
        return next[element];
    }

    /** The place of the foremost rule in the table; the highest integer when it is empty. */
    int first() {
        return first;
    }

    /** Rules in the table. */
    int size() {
        return live;
    }

    /** Rules in the chain for a hash, counted up to {@code most}. */
    int chainLength(long hash, int most) {
        int length = 0;
        for (int element = chain(hash); element != END && length < most; element = next[element]) {
            length++;
        }
        return length;
    }

    /** A table of the same rules, to be changed; slots and chains are shared until then. */
    TupleTable copy() {
        return live < size / 2 ? compacted() : new TupleTable(this);
    }

    /** Moves the rules from place {@code at} on by {@code by}. */
    void shift(int at, int by) {
        for (int i = 0; i < size; i++) {
            int place = positions[i];
            positions[i] = place >= at && place != GONE ? place + by : place;
        }
        first = first >= at && first != GONE ? first + by : first;
    }

    private TupleTable compacted() {
        TupleTable copy = new TupleTable(tuple);
        for (long slot : slots) {
            for (int element = (int) slot - 1; element != END; element = next[element]) {
                copy.add(slot, positions[element]);
            }
        }
        return copy;
    }

    private void unshare() {
        if (shared) {
            slots = slots.clone();
            tails = tails.clone();
            next = next.clone();
            shared = false;
        }
    }

    /** Adds a rule to the chain for a hash, by its place. */
    void add(long hash, int position) {
        unshare();
        if (size == positions.length) {
            positions = Arrays.copyOf(positions, 2 * size);
            next = Arrays.copyOf(next, 2 * size);
        }
        int element = size++;
        live++;
        positions[element] = position;
        next[element] = END;
        first = Math.min(first, position);
        int slot = slot(hash);
        if ((int) slots[slot] != 0) {
            link(slot, element);
            return;
        }
        used += slots[slot] == 0 ? 1 : 0;
        slots[slot] = (hash & SIGNATURE) | (element + 1);
        tails[slot] = element;
        if (used > slots.length / 2) {
            grow();
        }
    }

    private void link(int slot, int element) {
        int position = positions[element];
        if (positions[tails[slot]] <= position) {
            next[tails[slot]] = element;
            tails[slot] = element;
            return;
        }
        int before = END;
        int behind = (int) slots[slot] - 1;
        while (positions[behind] <= position) {
            before = behind;
            behind = next[behind];
        }
        next[element] = behind;
        setNext(slot, before, element);
    }

    /** Removes an element with the given place from the chain for a hash; false when there is none. */
    boolean remove(long hash, int position) {
        int slot = slot(hash);
        int before = END;
        int element = (int) slots[slot] - 1;
        while (element != END && positions[element] != position) {
            before = element;
            element = next[element];
        }
        if (element == END) {
            return false;
        }
        unshare();
        setNext(slot, before, next[element]);
        if (tails[slot] == element) {
            tails[slot] = Math.max(before, 0);
        }
        positions[element] = GONE;
        live--;
        if (position == first) {
            first = GONE;
            for (int i = 0; i < size; i++) {
                first = Math.min(first, positions[i]);
            }
        }
        return true;
    }

    private void setNext(int slot, int element, int following) {
        if (element == END) {
            slots[slot] = (slots[slot] & SIGNATURE) | (following + 1);
        } else {
            next[element] = following;
        }
    }

    /** The slot of a hash, or the free one where it would go. */
    private int slot(long hash) {
        int slot = (int) (((hash & SIGNATURE) * C0) >>> shift);
        while (slots[slot] != 0 && (int) (slots[slot] >>> 32) != (int) (hash >>> 32)) {
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }

    private void grow() {
        long[] oldSlots = slots;
        int[] oldTails = tails;
        slots = new long[2 * oldSlots.length];
        tails = new int[2 * oldSlots.length];
        shift--;
        for (int i = 0; i < oldSlots.length; i++) {
            if (oldSlots[i] != 0) {
                int slot = slot(oldSlots[i]);
                slots[slot] = oldSlots[i];
                tails[slot] = oldTails[i];
            }
        }
    }
}
