package dev.peregrine.fastpath;

import dev.peregrine.dataplane.packet.Trail;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The flows of one worker: a set-associative table of fixed size, off the heap, in lines of 64 bytes.
 *
 * <pre>
 *   set:    | marks of 8 ways |  8 x ( key | decision | notes )          25 lines
 *
 *   mark    63                    8 7       2    1        0
 *          |   part of the hash    |    0    | used |  occupied |        0: the way is free
 * </pre>
 *
 * <p>A look-up reads one line of marks, and then the lines of the flow. A hit marks the way as used; who needs a way
 * in a full set takes the next one that was not used since the hand of the set last passed (CLOCK). A new flow begins
 * unused. It takes a way that is free, but evicts no other flow when it is seen for the first time: flows of one
 * packet, however many, do not empty the table.
 *
 * <p>Belongs to one worker; not thread-safe. Counts are kept by who calls.
 */
final class FlowCache implements AutoCloseable {
    /** What {@link #find} answers for an unknown flow. */
    static final int NONE = -1;

    /** Ways of a set. */
    static final int WAYS = 8;

    /** The most flows that a cache can be made for. */
    static final int MAX_CAPACITY = 1 << 24;

    /** Decision words: the epoch before the walk; shortcut and egress port; counts; times by the batches' clock. */
    static final int SINCE = 0;

    static final int WHERE = 1;
    static final int PACKETS = 2;
    static final int BYTES = 3;
    static final int USED_NANOS = 4;
    static final int DUE_NANOS = 5;
    static final int BORN_NANOS = 6;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final int LINE = FlowKey.WORDS;
    private static final int LINES_PER_WAY = 3;
    private static final int SET_WORDS = LINE + WAYS * LINES_PER_WAY * LINE;
    private static final int WAY_BITS = 3;
    private static final long OCCUPIED = 1;
    private static final long USED = 2;
    private static final long TAG = -1L << 8;

    private final Arena arena;
    private final MemorySegment memory;
    private final int setMask;
    private final byte[] hands;
    private final short[] seen;
    private final long[] seeds;
    private int size;

    /**
     * An empty cache.
     *
     * @param capacity the most flows, rounded up to a power of two of at least 8
     * @param seeds eight random numbers that make the places of flows unforeseeable
     */
    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    FlowCache(int capacity, long[] seeds) {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException("capacity " + capacity);
        }
        int sets = Integer.highestOneBit(2 * ((capacity + WAYS - 1) / WAYS) - 1);
        setMask = sets - 1;
        hands = new byte[sets];
        seen = new short[sets * WAYS * 2];
        this.seeds = seeds.clone();
        arena = Arena.ofShared();
        memory = arena.allocate((long) sets * SET_WORDS * Long.BYTES, LINE * Long.BYTES);
    }

    /** The most flows. */
    int capacity() {
        return (setMask + 1) * WAYS;
    }

    /** Flows now, those included whose decision is out of date. */
    int size() {
        return size;
    }

    long hash(FlowKey key) {
        return key.hash(seeds);
    }

    // ---- places: an entry is known by set * WAYS + way ---------------------------------------------------------

    private static long markIndex(int entry) {
        return (long) (entry >>> WAY_BITS) * SET_WORDS + (entry & (WAYS - 1));
    }

    private static long lineIndex(int entry) {
        return (long) (entry >>> WAY_BITS) * SET_WORDS + LINE + (long) (entry & (WAYS - 1)) * (LINES_PER_WAY * LINE);
    }

    private long mark(int entry) {
        return memory.getAtIndex(LONG, markIndex(entry));
    }

    private void mark(int entry, long mark) {
        memory.setAtIndex(LONG, markIndex(entry), mark);
    }

    private int firstOfSet(long hash) {
        return ((int) hash & setMask) << WAY_BITS;
    }

    /** Word {@code i} of an entry's decision. */
    long decision(int entry, int i) {
        return memory.getAtIndex(LONG, lineIndex(entry) + LINE + i);
    }

    /** Sets word {@code i} of an entry's decision. */
    void decision(int entry, int i, long value) {
        memory.setAtIndex(LONG, lineIndex(entry) + LINE + i, value);
    }

    /** Counts packets of an entry's flow. */
    void used(int entry, int segments, long bytes, long nowNanos) {
        long at = lineIndex(entry) + LINE;
        memory.setAtIndex(LONG, at + PACKETS, memory.getAtIndex(LONG, at + PACKETS) + segments);
        memory.setAtIndex(LONG, at + BYTES, memory.getAtIndex(LONG, at + BYTES) + bytes);
        memory.setAtIndex(LONG, at + USED_NANOS, nowNanos);
    }

    /** Note {@code i} of an entry: first the refreshes, then from {@link Trail#MOST_NOTES} the repeats. */
    long note(int entry, int i) {
        return memory.getAtIndex(LONG, lineIndex(entry) + 2 * LINE + i);
    }

    /** Word {@code i} of an entry's key. */
    long key(int entry, int i) {
        return memory.getAtIndex(LONG, lineIndex(entry) + i);
    }

    /** Whether there is a flow at this place, from 0 to below {@link #capacity}. */
    boolean isOccupied(int entry) {
        return mark(entry) != 0;
    }

    // ---- look-up ------------------------------------------------------------------------------------------------

    /** The entry of a flow, or {@link #NONE}. */
    int find(FlowKey key, long hash) {
        int first = firstOfSet(hash);
        long base = markIndex(first);
        for (int way = 0; way < WAYS; way++) {
            long mark = memory.getAtIndex(LONG, base + way);
            if (((mark ^ hash) & TAG) == 0 && mark != 0 && matches(first + way, key)) {
                return first + way;
            }
        }
        return NONE;
    }

    private boolean matches(int entry, FlowKey key) {
        long at = lineIndex(entry);
        long difference = 0;
        for (int i = 0; i < FlowKey.WORDS; i++) {
            difference |= key.words[i] ^ memory.getAtIndex(LONG, at + i);
        }
        return difference == 0;
    }

    /** Notes that an entry is in use, and should stay. */
    void use(int entry) {
        long mark = mark(entry);
        if ((mark & USED) == 0) {
            mark(entry, mark | USED);
        }
    }

    // ---- change -------------------------------------------------------------------------------------------------

    /**
     * Whether {@link #insert} would find a place for a flow that is not in the table; takes note that it was seen. A
     * flow that meets a full set is admitted when it is seen again soon.
     */
    boolean admits(long hash) {
        if (freeWay(hash) != NONE) {
            return true;
        }
        int place = (int) (hash >>> Integer.SIZE) & (seen.length - 1);
        short tag = (short) (hash >>> (Integer.SIZE - Short.SIZE));
        boolean again = seen[place] == tag;
        seen[place] = tag;
        return again;
    }

    private int freeWay(long hash) {
        int first = firstOfSet(hash);
        for (int entry = first; entry < first + WAYS; entry++) {
            if (mark(entry) == 0) {
                return entry;
            }
        }
        return NONE;
    }

    /** The entry that a new flow in this set would take from another, by the clock; moves the hand. */
    int victim(long hash) {
        int first = firstOfSet(hash);
        int set = first >>> WAY_BITS;
        for (int i = 0; i <= WAYS; i++) {
            int entry = first + hands[set];
            hands[set] = (byte) ((hands[set] + 1) & (WAYS - 1));
            long mark = mark(entry);
            if ((mark & USED) == 0) {
                return entry;
            }
            mark(entry, mark & ~USED);
        }
        throw new AssertionError("the hand went round, and found no unused way");
    }

    /**
     * Puts a flow that is not in the table into a free way, or else where {@link #victim} points. It still has no
     * decision.
     */
    int insert(FlowKey key, long hash, long nowNanos) {
        int entry = freeWay(hash);
        if (entry == NONE) {
            entry = victim(hash);
        } else {
            size++;
        }
        mark(entry, (hash & TAG) | OCCUPIED);
        long at = lineIndex(entry);
        for (int i = 0; i < FlowKey.WORDS; i++) {
            memory.setAtIndex(LONG, at + i, key.words[i]);
        }
        decision(entry, PACKETS, 0);
        decision(entry, BYTES, 0);
        decision(entry, USED_NANOS, nowNanos);
        decision(entry, BORN_NANOS, nowNanos);
        return entry;
    }

    /** Sets an entry's decision, and the notes that its walk has left. */
    void decide(int entry, long since, long where, Trail trail) {
        decision(entry, SINCE, since);
        decision(entry, WHERE, where);
        decision(entry, DUE_NANOS, trail.dueNanos());
        long notes = lineIndex(entry) + 2 * LINE;
        for (int i = 0; i < trail.refreshes(); i++) {
            memory.setAtIndex(LONG, notes + i, trail.refreshNote(i));
        }
        for (int i = 0; i < trail.repeats(); i++) {
            memory.setAtIndex(LONG, notes + Trail.MOST_NOTES + i, trail.repeatNote(i));
        }
    }

    /** Frees all entries. */
    void clear() {
        for (int entry = 0; entry < capacity(); entry++) {
            mark(entry, 0);
        }
        size = 0;
    }

    @Override
    public void close() {
        arena.close();
    }
}
