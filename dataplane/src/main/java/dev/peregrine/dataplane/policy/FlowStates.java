package dev.peregrine.dataplane.policy;

import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.Watch;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The flows that have been let pass, so that replies need no rule: one table for all workers and segments, of a fixed
 * size, without locks.
 *
 * <p>A flow has its place in one of two sets of eight slots, which a keyed hash picks; new flows go to the emptier
 * set. So a look-up reads a few cache lines at most, whatever senders choose, and the table fills evenly.
 *
 * <pre>
 *   set:  | 8 tags | 8 checks | 8 states |   192 bytes; tag and check: {@link StateKey}, state: {@link StateWord}
 * </pre>
 *
 * <p><b>Sharing.</b> Both directions of a flow may be handled by different workers. Everything that changes in a
 * slot is in its state, which changes by compare-and-set, and rarely: when the phase changes, and to note
 * at most twice a second that the flow is alive. Who fills a slot first makes it busy in a new generation, then writes tag
 * and check, and releases the state. Who looks up reads state, tag and check, and the state again: the same
 * generation twice means that all belong together. A change that comes too late, to a slot that now has another
 * flow, fails by the generation. When two workers insert one flow at the same time, the one in the lower slot stays.
 *
 * <p><b>Fairness.</b> A flow that both ends have agreed to (a complete TCP handshake, a reply) is <em>assured</em>
 * while no more than six of the eight slots of its set are: no new flow takes its place. For places among the assured
 * and for those among the others, the segment with the most of them in the set gives one up: closed flows first, then
 * the longest silent. So a flood of new flows in one segment displaces itself, and can
 * neither push out established flows nor keep other segments from opening new ones.
 *
 * <p>Flows age by the clock readings of batches, and expired ones are overwritten in place. {@link #flush} and
 * {@link #forEach} are for the control thread; all methods may be called by any thread.
 */
public final class FlowStates implements Watch {
    /** Stands for every segment in {@link #flush}. */
    public static final int ANY = -1;

    /** The most flows that a table can be made for. */
    public static final int MAX_CAPACITY = 1 << 25;

    static final int WAYS = 8;

    /** So many slots of a set may hold assured flows; the rest is for those that are being opened. */
    static final int ASSURED_WAYS = 6;

    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int CHECK = WAYS;
    private static final int STATE = 2 * WAYS;
    private static final int STRIDE = 3 * WAYS;

    private final long[] words;
    private final int sets;
    private final int[] timeouts;
    private final boolean pickUp;
    private final long key0;
    private final long key1;
    private final List<FlowTracker> trackers = new CopyOnWriteArrayList<>();

    /** Sees flows. */
    @FunctionalInterface
    public interface Visitor {
        /** One flow; {@code idleSeconds} tells for how long it was silent. */
        void flow(int segment, boolean established, long idleSeconds);
    }

    /**
     * An empty table with a random key.
     *
     * @param capacity flows, 1 to {@link #MAX_CAPACITY}, that find a place practically always; the table has at least
     *     twice as many slots of 24 bytes, by powers of two
     * @param timeouts after which silence flows are forgotten
     * @param pickUp whether a TCP segment of an unknown connection may begin a flow, as it must after a restart if
     *     connections are to survive that; otherwise only a SYN may
     */
    public FlowStates(int capacity, FlowTimeouts timeouts, boolean pickUp) {
        this(capacity, timeouts, pickUp, new SecureRandom().nextLong(), new SecureRandom().nextLong());
    }

    FlowStates(int capacity, FlowTimeouts timeouts, boolean pickUp, long key0, long key1) {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException("state capacity " + capacity + " is not in 1.." + MAX_CAPACITY);
        }
        sets = sets(capacity);
        words = new long[sets * STRIDE];
        this.timeouts = timeouts.ticks();
        this.pickUp = pickUp;
        this.key0 = key0;
        this.key1 = key1;
    }

    private static int sets(int capacity) {
        return Math.max(2, Integer.highestOneBit(Math.max(1, 2 * capacity - 1)) * 2 / WAYS);
    }

    /** Bytes of heap that a table for {@code capacity} flows takes. */
    public static long bytes(int capacity) {
        return (long) sets(capacity) * STRIDE * Long.BYTES;
    }

    /** A way to follow flows, for one worker. */
    public FlowTracker tracker() {
        FlowTracker tracker = new FlowTracker(this, new SipHash(key0, key1));
        trackers.add(tracker);
        return tracker;
    }

    /** Places for flows. */
    public int slots() {
        return sets * WAYS;
    }

    /** Forgets all flows of a segment, or of {@link #ANY}; returns how many. */
    public int flush(int segment) {
        int flushed = 0;
        for (int i = 0; i < slots(); i++) {
            int slot = slot(i / WAYS, i % WAYS);
            long state = state(slot);
            boolean chosen = StateWord.isLive(state) && (segment == ANY || StateWord.segment(state) == segment);
            if (chosen && change(slot, state, StateWord.between(state, StateWord.FREE))) {
                flushed++;
            }
        }
        return flushed;
    }

    /** Shows every flow that is not expired, in no order. */
    public void forEach(Visitor visitor, long nowNanos) {
        int tick = StateWord.tick(nowNanos);
        for (int i = 0; i < slots(); i++) {
            long state = state(slot(i / WAYS, i % WAYS));
            if (isUsed(state, tick)) {
                long idle = (long) StateWord.age(state, tick) << StateWord.TICK_BITS;
                visitor.flow(StateWord.segment(state), StateWord.isEstablished(state), idle / 1_000_000_000L);
            }
        }
    }

    /** Flows that were opened. */
    public long opened() {
        return trackers.stream()
                .map(FlowTracker::opened)
                .mapToLong(Counter::value)
                .sum();
    }

    /** Flows that were forgotten before their time, because a new one needed their place. */
    public long evicted() {
        return trackers.stream()
                .map(FlowTracker::evicted)
                .mapToLong(Counter::value)
                .sum();
    }

    /** Flows that found no place. */
    public long refused() {
        return trackers.stream()
                .map(FlowTracker::refused)
                .mapToLong(Counter::value)
                .sum();
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

    long tag(int slot) {
        return (long) WORD.getAcquire(words, slot);
    }

    long check(int slot) {
        return (long) WORD.getAcquire(words, slot + CHECK);
    }

    long state(int slot) {
        return (long) WORD.getAcquire(words, slot + STATE);
    }

    /** Replaces a slot's state; false when it is not {@code expected} any more. */
    boolean change(int slot, long expected, long next) {
        return WORD.compareAndSet(words, slot + STATE, expected, next);
    }

    /** Gives a slot to a flow; false when the slot's state is not {@code expected} any more. */
    boolean claim(int slot, long expected, StateKey key, long state) {
        if (!change(slot, expected, StateWord.between(expected, StateWord.BUSY))) {
            return false;
        }
        WORD.setRelease(words, slot, key.tag());
        WORD.setRelease(words, slot + CHECK, key.check());
        WORD.setVolatile(words, slot + STATE, state);
        return true;
    }

    /**
     * Whether the slot at {@code place} has the state that a packet found, or left, and need not note yet that its flow
     * is alive. Then {@link FlowTracker#follow} would change nothing for the next packet, unless its flags do.
     */
    @Override
    public boolean holds(int place, long seen, long nowNanos) {
        return state(place) == seen && StateWord.age(seen, StateWord.tick(nowNanos)) < FlowTracker.REFRESH_TICKS;
    }

    @Override
    public long touch(int place) {
        return words[place + STATE];
    }

    /** Whether a state is that of a flow that has not expired. */
    boolean isUsed(long state, int tick) {
        return StateWord.isLive(state) && StateWord.age(state, tick) <= timeouts[StateWord.phase(state)];
    }
}
