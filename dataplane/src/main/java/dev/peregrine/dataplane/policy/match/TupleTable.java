package dev.peregrine.dataplane.policy.match;

import dev.peregrine.dataplane.header.Mix;
import java.util.Arrays;

/**
 * A hash table of rules by the bits that a {@link Tuple} names, each slot with a chain of rules in their order. It
 * compares hashes alone: for each rule of the chain the caller asks its {@link Screens} first, then the rule itself.
 * Immutable once it is published: changes are made to a {@link #copy}.
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

    private final Tuple tuple;
    private final int number;
    private final TupleHash bits;
    private long[] slots = new long[8];
    private int shift = 61;
    private int used;
    private int[] tails = new int[8];
    private int[] positions = new int[8];
    private int[] next = new int[8];
    private Screens screens = new Screens(8);
    private int size;
    private int live;
    private int first = GONE;

    /** Whether slots and chains are another table's too. */
    private boolean shared;

    /** An empty table, the one of its number among those of a space. */
    TupleTable(Tuple tuple, int number) {
        this.tuple = tuple;
        this.number = number;
        bits = new TupleHash(tuple);
    }

    private TupleTable(TupleTable other) {
        this(other.tuple, other.number);
        other.shared = true;
        shared = true;
        slots = other.slots;
        shift = other.shift;
        used = other.used;
        tails = other.tails;
        next = other.next;
        screens = other.screens;
        positions = other.positions.clone();
        first = other.first;
        size = other.size;
        live = other.live;
    }

    /** The table's number, from 0. */
    int number() {
        return number;
    }

    /** The hash by which a frame's chain is found. */
    long hash(FrameFields frame) {
        return bits.hash(frame);
    }

    /** The head of the chain for a hash; {@link #END} when there is none. */
    int chain(long hash) {
        return (int) slots[slot(hash)] - 1;
    }

    /** The place of a chain's element among all rules. */
    int position(int element) {
        return positions[element];
    }

    /** The demands of the entries on addresses and ports. */
    Screens screens() {
        return screens;
    }

    /** The element behind another; {@link #END} behind the last. */
    int next(int element) {
        return next[element];
    }

    /** The place of the foremost rule in the table; the highest integer when it is empty. */
    int first() {
        return first;
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
        TupleTable copy = new TupleTable(tuple, number);
        for (long slot : slots) {
            for (int element = (int) slot - 1; element != END; element = next[element]) {
                int place = copy.add(slot, positions[element]);
                copy.screens.put(place, screens, element);
            }
        }
        return copy;
    }

    private void unshare() {
        if (shared) {
            slots = slots.clone();
            tails = tails.clone();
            next = next.clone();
            screens = screens.copy();
            shared = false;
        }
    }

    /** Adds an entry of a rule to the chain for a hash, by the rule's place. */
    void add(long hash, int position, FrameFields example, Tuple exact, boolean alone) {
        int element = add(hash, position); // may replace the screens
        screens.put(element, example, exact, alone);
    }

    private int add(long hash, int position) {
        unshare();
        if (size == positions.length) {
            positions = Arrays.copyOf(positions, 2 * size);
            next = Arrays.copyOf(next, 2 * size);
            screens.enlarge(2 * size);
        }
        int element = size++;
        live++;
        positions[element] = position;
        next[element] = END;
        first = Math.min(first, position);
        int slot = slot(hash);
        if ((int) slots[slot] != 0) {
            link(slot, element);
            return element;
        }
        used += slots[slot] == 0 ? 1 : 0;
        slots[slot] = (hash & SIGNATURE) | (element + 1);
        tails[slot] = element;
        if (used > slots.length / 2) {
            grow();
        }
        return element;
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
        int slot = (int) (((hash & SIGNATURE) * Mix.GOLDEN) >>> shift);
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
