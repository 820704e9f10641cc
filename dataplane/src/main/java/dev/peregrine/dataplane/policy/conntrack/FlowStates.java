package dev.peregrine.dataplane.policy.conntrack;

import dev.peregrine.dataplane.linux.sys.HugePages;
import dev.peregrine.dataplane.packet.NativeMemory;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Precondition;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The flows that rules have let pass, so that replies need no rule: one table for all workers and segments, of a fixed
 * size, without locks.
 *
 * <p>A flow has its place in one of two sets of eight slots, which a keyed hash picks; new flows go to the emptier set.
 * So a look-up reads at most a few cache lines, whatever addresses senders choose, and the table fills evenly.
 *
 * <pre>
 *   set:  | 8 tags | 8 checks | 8 states |   192 bytes; tag and check: {@link StateKey}, state: {@link StateWord}
 * </pre>
 *
 * <p><b>Sharing.</b> Both directions of a flow may be handled by different workers. Everything that changes in a slot
 * is in its state, which changes by compare-and-set, and rarely: when the phase changes, and to note at most twice a
 * second that the flow is alive. The writer who fills a slot first makes it busy in a new generation, then writes tag
 * and check, and releases the state. A reader reads state, tag and check, and the state again: the same generation
 * twice means that all belong together. A change that comes too late, to a slot that now has another flow, fails by the
 * generation. When two workers insert one flow at the same time, the one in the lower slot stays.
 *
 * <p><b>Fairness.</b> A flow that both ends have agreed to (a complete TCP handshake, a reply) is <em>assured</em>
 * while no more than six of the eight slots of its set are: no new flow takes its place. For places among the assured
 * and for those among the others, the segment with the most of them in the set gives one up: closed flows first, then
 * the longest silent. So a flood of new flows in one segment displaces itself, and can
 * neither push out established flows nor keep other segments from opening new ones.
 *
 * <p>Flows age by the clock readings of batches; expired ones are overwritten in place, or swept. {@link FlowRecords}
 * has their addresses. The control thread sees and ends flows by {@link #flows}; any thread may call the methods here.
 */
public final class FlowStates implements Precondition {
    /** The most flows that a table can be made for. */
    public static final int MAX_CAPACITY = 1 << 25;

    static final int WAYS = 8;

    /** The most slots of a set that hold assured flows; the rest is for those that are being opened. */
    static final int ASSURED_WAYS = 6;

    private static final int CHECK = WAYS;
    private static final int STATE = 2 * WAYS;
    private static final int STRIDE = 3 * WAYS;

    /** Keeps the memory of the words. */
    @SuppressWarnings("UnusedVariable")
    private final MemorySegment words;

    private final long base;
    private final FlowRecords records;
    private final TcpWindows windows;
    private final Precondition connections;
    private final TrackedFlows flows;
    private final int sets;
    private final int[] timeouts;
    private final boolean pickUp;
    private final long key0;
    private final long key1;
    private final List<FlowTally> tallies = new CopyOnWriteArrayList<>();

    /**
     * An empty table with a random key.
     *
     * @param capacity flows, 1 to {@link #MAX_CAPACITY}, that find a place practically always; the table has at least
     *     twice as many slots of 24 bytes, with 88 more for each in {@link FlowRecords} and {@link TcpWindows}, by
     *     powers of two
     * @param timeouts the silences after which flows expire
     * @param pickUp whether a TCP segment of an unknown connection may begin a flow, as it must after a restart if
     *     connections are to survive that; otherwise only a SYN may
     */
    public FlowStates(int capacity, FlowTimeouts timeouts, boolean pickUp) {
        this(capacity, timeouts, pickUp, HugePages.allocate(Arena.ofAuto(), (long) words(capacity) * Long.BYTES));
    }

    /**
     * The same, with its words in given memory, which BPF programs may read as well: then the store that changes a
     * state here changes it there.
     *
     * @param words native memory of {@link #words} words of 8 bytes, all zero, at an address that is a multiple of 8;
     *     must last as long as the table is used
     */
    public FlowStates(int capacity, FlowTimeouts timeouts, boolean pickUp, MemorySegment words) {
        long bytes = (long) words(capacity) * Long.BYTES;
        if (!words.isNative() || words.byteSize() < bytes || words.address() % Long.BYTES != 0) {
            throw new IllegalArgumentException(words + " is not native memory of " + bytes + " bytes");
        }
        sets = sets(capacity);
        this.words = words;
        base = words.address();
        records = new FlowRecords(slots());
        windows = new TcpWindows(slots());
        connections = new ConnectionPrecondition(this, windows);
        this.timeouts = timeouts.ticks();
        this.pickUp = pickUp;
        SecureRandom random = new SecureRandom();
        key0 = random.nextLong();
        key1 = random.nextLong();
        flows = new TrackedFlows(this);
    }

    private static int sets(int capacity) {
        return Math.max(2, Integer.highestOneBit(Math.max(1, 2 * capacity - 1)) * 2 / WAYS);
    }

    /** The number of words of a table for {@code capacity} flows. */
    public static int words(int capacity) {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException("state capacity " + capacity + " is not in 1.." + MAX_CAPACITY);
        }
        return sets(capacity) * STRIDE;
    }

    /** The number of the word, never 0, that {@link #holds} compares. */
    public static int word(int place) {
        return place + STATE;
    }

    /** Bytes of heap that a table for {@code capacity} flows takes. */
    public static long heapBytes(int capacity) {
        return (long) sets(capacity) * WAYS * TcpWindows.BYTES;
    }

    /** Bytes beside the heap that a table for {@code capacity} flows takes. */
    public static long offHeapBytes(int capacity) {
        return (long) sets(capacity) * (STRIDE * Long.BYTES + WAYS * FlowRecords.BYTES);
    }

    /** Counts for the trackers of one worker; they are summed up for as long as this table is there. */
    public FlowTally tally() {
        FlowTally tally = new FlowTally();
        tallies.add(tally);
        return tally;
    }

    /**
     * A way to follow flows, for one worker, of frames that enter the bridge or of those that leave it.
     *
     * @param tally the worker's
     */
    public FlowTracker tracker(boolean in, FlowTally tally) {
        return new FlowTracker(this, new SipHash(key0, key1), in, tally);
    }

    /** The flows of the table, to see and to end them. */
    public TrackedFlows flows() {
        return flows;
    }

    /** Places for flows. */
    public int slots() {
        return sets * WAYS;
    }

    /** Flows that were opened. */
    public long opened() {
        return tallies.stream().mapToLong(tally -> tally.opened.value()).sum();
    }

    /** Flows that were forgotten before their time, because a new one needed their place. */
    public long evicted() {
        return tallies.stream().mapToLong(tally -> tally.evicted.value()).sum();
    }

    /** Flows that found no place. */
    public long refused() {
        return tallies.stream().mapToLong(tally -> tally.refused.value()).sum();
    }

    /** The silence, in ticks, after which a flow in a phase of {@link StateWord} expires. */
    int timeout(int phase) {
        return timeouts[phase];
    }

    boolean picksUp() {
        return pickUp;
    }

    /** The first of a key's two sets. */
    int firstSet(StateKey key) {
        return (int) key.check() & (sets - 1);
    }

    /** The second of a key's two sets, another than the first. */
    int secondSet(StateKey key) {
        int first = firstSet(key);
        int second = (int) (key.check() >>> 32) & (sets - 1);
        return second == first ? first ^ 1 : second;
    }

    static int slot(int set, int way) {
        return set * STRIDE + way;
    }

    static int set(int slot) {
        return slot / STRIDE;
    }

    /** The number of a slot's record. */
    static int record(int slot) {
        return slot / STRIDE * WAYS + slot % STRIDE;
    }

    FlowRecords records() {
        return records;
    }

    TcpWindows windows() {
        return windows;
    }

    /**
     * The precondition of slots that have a TCP connection; {@link ConnectionPrecondition#place} names their places.
     */
    Precondition connections() {
        return connections;
    }

    /** The address of a word; its number comes from a set and a way, so it is within the table. */
    private long at(int word) {
        return base + (long) word * Long.BYTES;
    }

    long tag(int slot) {
        return NativeMemory.getLongAcquire(at(slot));
    }

    long check(int slot) {
        return NativeMemory.getLongAcquire(at(slot + CHECK));
    }

    long state(int slot) {
        return NativeMemory.getLongAcquire(at(slot + STATE));
    }

    /** Replaces a slot's state; false when it is not {@code expected} any more. */
    boolean change(int slot, long expected, long next) {
        return NativeMemory.compareAndSetLong(at(slot + STATE), expected, next);
    }

    /** Gives a slot to a flow; false when the slot's state is not {@code expected} any more. */
    boolean claim(int slot, long expected, StateKey key, Packet packet, boolean in, long state) {
        if (!change(slot, expected, StateWord.between(expected, StateWord.BUSY))) {
            return false;
        }
        NativeMemory.putLongRelease(at(slot), key.tag());
        NativeMemory.putLongRelease(at(slot + CHECK), key.check());
        records.write(record(slot), key, packet, in);
        NativeMemory.putLongVolatile(at(slot + STATE), state);
        return true;
    }

    /**
     * Whether the slot {@code place} has the state that a packet found, or left, and need not note yet that its flow
     * is alive. Then {@link FlowTracker#follow} would change nothing for the next packet, unless its flags do.
     */
    @Override
    public boolean holds(int place, long seen, long nowNanos) {
        return state(place) == seen && StateWord.age(seen, StateWord.tick(nowNanos)) < FlowTracker.REFRESH_TICKS;
    }

    @Override
    public long touch(int place) {
        return NativeMemory.getLong(at(place + STATE));
    }

    /** Ticks of silence after which a flow in this state expires. */
    int timeout(long state) {
        return timeouts[StateWord.phase(state)];
    }

    /**
     * Whether a state is that of a flow that has not expired. One that a command has ended may be tried as long as it
     * could live.
     */
    boolean isUsed(long state, int tick) {
        int phase = StateWord.isEnded(state) ? StateWord.ESTABLISHED : StateWord.phase(state);
        return StateWord.isLive(state) && StateWord.age(state, tick) <= timeouts[phase];
    }
}
