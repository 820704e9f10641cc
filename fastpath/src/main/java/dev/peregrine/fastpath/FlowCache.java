package dev.peregrine.fastpath;

import dev.peregrine.dataplane.linux.sys.HugePages;
import dev.peregrine.dataplane.packet.NativeMemory;
import java.lang.foreign.Arena;

/**
 * The flows of one worker: a set-associative table of fixed size, off the heap, in lines of 64 bytes.
 *
 * <pre>
 *   sets:   for each set    | tags of the ways (2 words) | ways in use (8 bits), hand (8 bits) | tags seen (4 words) |
 *   flows:  for each way    {@link FlowDecisions}
 * </pre>
 *
 * <p>A tag is 16 bits of the hash, or 0 for a free way. A look-up reads the line of the set, and then the two lines of
 * the flow. A hit marks the way as used; an insertion into a full set takes the next way that was not used since the
 * hand of the set last passed (CLOCK). The cache admits a new flow when it sees the flow for the second time within a
 * short while. Where all flows of the set are in use and the next victim has sent just now, it admits only one in
 * {@value #PATIENCE}. So flows of one packet, however many, cost little and do not empty the table, and when there are
 * more flows than ways, most of the cached ones stay.
 *
 * <p>Belongs to one worker; not thread-safe. The caller keeps the counts.
 */
final class FlowCache implements AutoCloseable {
    /** The result of {@link #find} for an unknown flow. */
    static final int NONE = -1;

    /** Ways of a set. */
    static final int WAYS = 8;

    /** The most flows that a cache can be made for. */
    static final int MAX_CAPACITY = 1 << 24;

    private static final int WAY_BITS = 3;
    private static final int WAYS_PER_WORD = Long.SIZE / Short.SIZE;
    private static final int PATIENCE = 8;

    /** A flow that sends less often than this is not kept at the expense of one that sends. */
    private static final long SILENT_NANOS = 50_000_000;

    private static final long EACH_WAY = 0x0001_0001_0001_0001L;
    private static final long TAG = 0xffff;

    /**
     * Bytes of a set, and the offsets of its words: the ways used since the hand passed, with the hand; flows seen
     * last.
     */
    private static final int SET_BITS = 6;

    private static final int USE = 2 * Long.BYTES;
    private static final int SEEN_TAGS = 3 * Long.BYTES;
    private static final int SEEN_BITS = 2;
    private static final int SEEN_WORDS = 1 << SEEN_BITS;
    private static final long LCG_FACTOR = 6_364_136_223_846_793_005L;
    private static final long USED_BITS = 0xff;
    private static final int HAND_SHIFT = 8;

    /** Keys and decisions of the entries. */
    final FlowDecisions flows;

    private final Arena arena;
    private final long sets;
    private final int setMask;
    private final long[] seeds;
    private int size;
    private int refusals;
    private long scatter;

    /**
     * An empty cache.
     *
     * @param capacity the most flows, rounded up to a power of two of at least 8
     * @param seeds eight random numbers that make the places of flows unpredictable
     */
    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    FlowCache(int capacity, long[] seeds) {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException("capacity " + capacity);
        }
        int count = Integer.highestOneBit(2 * ((capacity + WAYS - 1) / WAYS) - 1);
        setMask = count - 1;
        this.seeds = seeds.clone();
        arena = Arena.ofShared();
        long ways = (long) count * WAYS;
        long flowBytes = ways * FlowDecisions.SIZE;
        long base = HugePages.allocate(arena, flowBytes + ((long) count << SET_BITS))
                .address();
        flows = new FlowDecisions(base, ways);
        sets = base + flowBytes;
    }

    /** The most flows. */
    int capacity() {
        return (setMask + 1) * WAYS;
    }

    /** Flows now, including those whose decision is out of date. */
    int size() {
        return size;
    }

    long hash(FlowKey key) {
        return key.hash(seeds);
    }

    // ---- places: an entry is known by set * WAYS + way ---------------------------------------------------------

    private int firstOfSet(long hash) {
        return ((int) hash & setMask) << WAY_BITS;
    }

    private static long tag(long hash) {
        return Math.max(1, hash >>> (Long.SIZE - Short.SIZE));
    }

    private long setOf(int entry) {
        return sets + ((long) (entry >>> WAY_BITS) << SET_BITS);
    }

    private long tagWordOf(int entry) {
        return setOf(entry) + (long) (entry & WAYS_PER_WORD) * (Long.BYTES / WAYS_PER_WORD);
    }

    private long tagOf(int entry) {
        return (NativeMemory.getLong(tagWordOf(entry)) >>> shift(entry)) & TAG;
    }

    private void tagOf(int entry, long tag) {
        long word = tagWordOf(entry);
        NativeMemory.putLong(word, (NativeMemory.getLong(word) & ~(TAG << shift(entry))) | (tag << shift(entry)));
    }

    private static int shift(int entry) {
        return (entry & (WAYS_PER_WORD - 1)) * Short.SIZE;
    }

    private static long bit(int entry) {
        return 1L << (entry & (WAYS - 1));
    }

    /**
     * A set bit at the top of each of a word's four parts that equal a tag; above the lowest, others may be set as
     * well.
     */
    private static long matches(long word, long tag) {
        long differences = word ^ (tag * EACH_WAY);
        return (differences - EACH_WAY) & ~differences & (EACH_WAY << (Short.SIZE - 1));
    }

    /** Whether there is a flow at this place, from 0 to below {@link #capacity}. */
    boolean isOccupied(int entry) {
        return tagOf(entry) != 0;
    }

    // ---- look-up ------------------------------------------------------------------------------------------------

    /** The first entry that can be that of a flow, by its tag, or {@link #NONE}. */
    int candidate(long hash) {
        int first = firstOfSet(hash);
        long tag = tag(hash);
        long set = setOf(first);
        long low = matches(NativeMemory.getLong(set), tag);
        if (low != 0) {
            return first + Long.numberOfTrailingZeros(low) / Short.SIZE;
        }
        long high = matches(NativeMemory.getLong(set + Long.BYTES), tag);
        return high == 0 ? NONE : first + WAYS_PER_WORD + Long.numberOfTrailingZeros(high) / Short.SIZE;
    }

    /** Reads one word from both lines of an entry, to bring them into the cache. */
    long touch(int entry) {
        return flows.key(entry, 0) + flows.decision(entry, 0);
    }

    /** Reads one word of the entry that a new flow would displace, which {@link #admits} will read. */
    long touchNext(long hash) {
        return flows.decision(next(hash), FlowDecisions.USED_NANOS);
    }

    /** Where the hand of a flow's set points. */
    private int next(long hash) {
        int first = firstOfSet(hash);
        return first + (int) (NativeMemory.getLong(setOf(first) + USE) >>> HAND_SHIFT);
    }

    /** The entry of a flow, or {@link #NONE}; {@code candidate} is its first candidate. */
    int find(FlowKey key, long hash, int candidate) {
        return hasKey(candidate, key) ? candidate : find(key, hash);
    }

    /** The entry of a flow, or {@link #NONE}. */
    int find(FlowKey key, long hash) {
        int first = firstOfSet(hash);
        int entry = findAmong(key, tag(hash), first);
        return entry != NONE ? entry : findAmong(key, tag(hash), first + WAYS_PER_WORD);
    }

    /** The entry of a flow among the ways of one word of tags, or {@link #NONE}. */
    private int findAmong(FlowKey key, long tag, int first) {
        long matches = matches(NativeMemory.getLong(tagWordOf(first)), tag);
        while (matches != 0) {
            int entry = first + Long.numberOfTrailingZeros(matches) / Short.SIZE;
            if (hasKey(entry, key)) {
                return entry;
            }
            matches &= matches - 1;
        }
        return NONE;
    }

    private boolean hasKey(int entry, FlowKey key) {
        return flows.hasKey(entry, key) && isOccupied(entry);
    }

    /** Marks an entry as used, so that it stays. */
    void use(int entry) {
        long at = setOf(entry) + USE;
        long use = NativeMemory.getLong(at);
        if ((use & bit(entry)) == 0) {
            NativeMemory.putLong(at, use | bit(entry));
        }
    }

    // ---- change -------------------------------------------------------------------------------------------------

    /** Whether a flow that is not in the table should be admitted; records that it was seen. */
    boolean admits(long hash, long nowNanos) {
        long set = setOf(firstOfSet(hash));
        if (!wasSeen(set, tag(hash))) {
            see(set, tag(hash));
            return false;
        }
        long use = NativeMemory.getLong(set + USE);
        if ((use & USED_BITS) != USED_BITS) {
            return true;
        }
        return nowNanos - touchNext(hash) > SILENT_NANOS || ++refusals % PATIENCE == 0;
    }

    private static boolean wasSeen(long set, long tag) {
        long matches = 0;
        for (int i = 0; i < SEEN_WORDS; i++) {
            matches |= matches(NativeMemory.getLong(set + SEEN_TAGS + (long) i * Long.BYTES), tag);
        }
        return matches != 0;
    }

    /**
     * Records a tag in place of the oldest one of a word chosen at random: in a fixed order, flows that take turns, one
     * more of them than there are places, would displace each other for ever.
     */
    private void see(long set, long tag) {
        scatter = scatter * LCG_FACTOR + 1;
        long at = set + SEEN_TAGS + (scatter >>> (Long.SIZE - SEEN_BITS)) * Long.BYTES;
        NativeMemory.putLong(at, (NativeMemory.getLong(at) << Short.SIZE) | tag);
    }

    private int freeWay(long hash) {
        int first = firstOfSet(hash);
        for (int entry = first; entry < first + WAYS; entry++) {
            if (!isOccupied(entry)) {
                return entry;
            }
        }
        return NONE;
    }

    /**
     * The entry that a new flow in this set displaces, by the clock; moves the hand. Where all are in use, it is the
     * next one, and only the one after that loses its mark. Otherwise the flows of a set that is one too small would
     * evict each other in turn.
     */
    int victim(long hash) {
        int first = firstOfSet(hash);
        long at = setOf(first) + USE;
        long used = NativeMemory.getLong(at) & USED_BITS;
        int hand = (int) (NativeMemory.getLong(at) >>> HAND_SHIFT);
        boolean isCrowded = used == USED_BITS;
        while (!isCrowded && (used & bit(hand)) != 0) {
            used &= ~bit(hand);
            hand = (hand + 1) & (WAYS - 1);
        }
        int entry = first + hand;
        hand = (hand + 1) & (WAYS - 1);
        if (isCrowded) {
            used &= ~bit(hand);
        }
        NativeMemory.putLong(at, used | ((long) hand << HAND_SHIFT));
        return entry;
    }

    /**
     * Puts a flow that is not in the table into a free way, or else in place of the {@link #victim}. It has no decision
     * yet.
     */
    int insert(FlowKey key, long hash, long nowNanos) {
        int entry = freeWay(hash);
        if (entry == NONE) {
            entry = victim(hash);
        } else {
            size++;
        }
        tagOf(entry, tag(hash));
        use(entry);
        flows.begin(entry, key, nowNanos);
        return entry;
    }

    /** Frees all entries. */
    void clear() {
        long end = sets + ((setMask + 1L) << SET_BITS);
        for (long at = sets; at < end; at += Long.BYTES) {
            NativeMemory.putLong(at, 0);
        }
        size = 0;
    }

    @Override
    public void close() {
        arena.close();
    }
}
