package dev.peregrine.fastpath;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.schedule.OrderGuard;
import dev.peregrine.dataplane.stage.Node;
import dev.peregrine.fastpath.view.Lookup;
import dev.peregrine.fastpath.view.LookupOutcome;
import org.jspecify.annotations.Nullable;

/**
 * Stands in front of the chain and sends packets of known flows past it. One look-up serves a superframe, or a run of
 * packets of one flow. The stage looks up all flows of a batch before it acts on the first, so that the CPU fetches
 * their entries from memory at the same time.
 *
 * <p>Packets that take the fast path leave first; once a packet walks, later packets of the batch with its flow hash
 * walk, too. Under run-to-completion a batch has settled before the next one is looked up, and no packet overtakes
 * another of its flow. Under other schedules a packet takes the fast path, or walks under observation, only when all
 * earlier packets of its flow have settled. Until then it is parked, and then looked up again. A packet that another
 * worker received walks.
 */
final class FlowLookup implements Lookup, OrderGuard.ParkingSpot {
    /** The exit to the recorder. */
    static final int HIT = 0;

    /** The exit to the chain. */
    static final int WALK = 1;

    private static final int UNNUMBERED = -1;
    private static final int TO_RECORDER = Verdict.forward(HIT);
    private static final int TO_CHAIN = Verdict.forward(WALK);
    private final FastPath path;
    private final FlowCache cache;
    private final FlowDecisions flows;
    private final LookupBatch looked;
    private int number = UNNUMBERED;
    private final int frame;
    private final int port;

    private Node node;
    private final LookupThrottle throttle;
    private final FlowKey counted = new FlowKey();
    private final FlowAction[] counting = new FlowAction[Batch.CAPACITY];
    private int countingSize;

    private int hits;
    private int misses;
    private int bypasses;
    private int evictions;
    private int untilShadow;

    /** Why nothing of this batch was looked up; null where it was. */
    private @Nullable LookupOutcome unasked;

    /** The current run of packets of one flow: its entry, and the packets that took the fast path. */
    private int entry;

    private FlowAction action;
    private int runPackets;
    private int runFlowHash;
    private int runSegments;
    private long runBytes;

    @SuppressWarnings(
            "NullAway.Init") // there is an action whenever there is an entry; a graph is joined before packets come
    FlowLookup(FastPath path, int frame, int port) {
        this.path = path;
        this.frame = frame;
        this.port = port;
        cache = path.cache;
        flows = cache.flows;
        looked = new LookupBatch(path, frame, port);
        throttle = new LookupThrottle(cache.capacity());
    }

    boolean isNumbered() {
        return number != UNNUMBERED;
    }

    /** Gives it its number, or another one while there are no entries. */
    void number(int next) {
        number = next;
    }

    /** Sets the node of this stage, which looks up packets that waited. */
    void join(Node own) {
        node = own;
    }

    @Override
    public String name() {
        return "lookup";
    }

    @Override
    public int flow(Packet packet) {
        return packet.flowHash();
    }

    @Override
    public boolean decides() {
        return false;
    }

    @Override
    public void forward(Batch batch) {
        node.acceptAgain(batch);
    }

    @Override
    public void process(Batch batch) {
        OrderCounts order = path.order;
        if (order != null && port >= 0 && order.counts(port)) {
            countIn(batch, order);
        }
        if (!path.begin()) {
            unasked = LookupOutcome.OFF;
            walk(batch);
            return;
        }
        if (path.settings.shadow() == 0 && throttle.isResting()) { // comparisons need every hit
            int segments = batch.segments();
            unasked = LookupOutcome.RESTING;
            throttle.rested(segments);
            path.counters.bypasses.add(segments);
            walk(batch);
            return;
        }
        long nowNanos = batch.nowNanos();
        unasked = null;
        looked.lookUp(batch);
        int shadow = path.settings.shadow();
        entry = FlowCache.NONE;
        runPackets = 0; // an exception in the last batch may have left a run open
        runSegments = 0;
        runBytes = 0;
        for (int i = 0; i < batch.size(); i++) {
            batch.verdict(i, decide(i, batch.packet(i), nowNanos, shadow));
        }
        endRun(nowNanos);
        settle();
    }

    /** Notes the packets that the tier below has counted, whatever becomes of them. */
    private void countIn(Batch batch, OrderCounts order) {
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            if (counted.readAny(packet, frame, port)) {
                order.arrived(counted, packet.wirePackets());
            }
        }
    }

    private static void walk(Batch batch) {
        for (int i = 0; i < batch.size(); i++) {
            batch.verdict(i, TO_CHAIN);
        }
    }

    private int decide(int i, Packet packet, long nowNanos, int shadow) {
        OrderGuard guard = path.guard;
        if (guard != null && guard.isNew(packet) && mustWait(packet, guard)) {
            return await(packet, guard);
        }
        if (looked.hasNoFlow(i)) {
            return bypass(packet);
        }
        if (looked.beginsRun(i)) {
            endRun(nowNanos);
            if (!beginRun(i, packet, nowNanos) && guard != null) {
                return await(packet, guard);
            }
        }
        if (entry < 0) {
            misses += packet.wirePackets();
            path.walking.add(packet.flowHash());
            return TO_CHAIN;
        }
        if (packet.wireLength() - frame > action.limit() || path.walking.has(packet.flowHash())) {
            return bypass(packet);
        }
        if (guard != null && !guard.isSettled(packet.flowHash())) {
            return await(packet, guard);
        }
        if (shadow > 0 && --untilShadow <= 0 && shadow(packet)) {
            untilShadow = shadow;
            return TO_CHAIN;
        }
        return take(packet);
    }

    /**
     * Separate from {@link #decide}, which would otherwise be too large for the JIT compiler to inline
     * (FreqInlineSize).
     */
    private int take(Packet packet) {
        int bytes = packet.wireBytes() - frame * packet.wirePackets();
        if (path.shadowed.has(packet.flowHash()) || !rewrite(packet)) {
            return bypass(packet);
        }
        if (action.isFollowed()) {
            tellWatches(packet);
        }
        runPackets++;
        runFlowHash = packet.flowHash();
        runSegments += packet.wirePackets();
        runBytes += bytes;
        return TO_RECORDER;
    }

    /** A watched state may track the packets that pass; the chain tracks those that walk after all. */
    private void tellWatches(Packet packet) {
        for (int i = 0; i < action.preconditions(); i++) {
            action.watch(i).passed(flows.watchPlace(entry, i), packet);
        }
    }

    /** Whether an earlier packet of the flow waits, or is observed in this batch. */
    private boolean mustWait(Packet packet, OrderGuard guard) {
        return guard.waits(packet.flowHash()) || path.observed.has(packet.flowHash());
    }

    private int await(Packet packet, OrderGuard guard) {
        guard.await(packet, this);
        return Verdict.CONSUMED;
    }

    private int bypass(Packet packet) {
        bypasses += packet.wirePackets();
        path.walking.add(packet.flowHash());
        return TO_CHAIN;
    }

    /**
     * Takes the fast path for a flow, or begins to observe its packet if no action holds; false if that must wait until
     * earlier packets have settled.
     */
    private boolean beginRun(int i, Packet packet, long nowNanos) {
        entry = looked.entry(i);
        if (entry >= 0) {
            action = path.actionOf(entry);
            cache.use(entry);
            return true;
        }
        if (entry == FlowCache.NONE && !cache.admits(looked.hash(i), nowNanos)) {
            return true;
        }
        if (path.guard != null) {
            if (path.walking.has(packet.flowHash())) {
                return true;
            }
            if (!path.guard.isSettled(packet.flowHash())) {
                return false;
            }
        }
        Observation observation = path.observe(packet, number, looked.hash(i));
        if (observation != null) {
            observation.key.copyFrom(looked.key(i));
        }
        return true;
    }

    private boolean rewrite(Packet packet) {
        int inPort = port >= 0 ? port : packet.inPort();
        if (!action.rewrite(packet)) {
            return false;
        }
        packet.segment(action.segment()).inPort(inPort).outPort((int) flows.decision(entry, FlowDecisions.WHERE));
        return true;
    }

    /** Counts the packets of the run that took the fast path, and makes the refreshes that are due. */
    private void endRun(long nowNanos) {
        if (runPackets == 0) {
            return;
        }
        hits += runSegments;
        if (action.count(runPackets, runSegments, runBytes)) {
            counting[countingSize++] = action;
        }
        flows.used(entry, runSegments, runBytes, nowNanos);
        if (path.offers != null) {
            offer(path.offers);
        }
        runPackets = 0;
        runSegments = 0;
        runBytes = 0;
        int refreshes = action.keepAlives();
        if (refreshes == 0 || nowNanos - flows.decision(entry, FlowDecisions.DUE_NANOS) < 0) {
            return;
        }
        long due = Long.MAX_VALUE;
        for (int i = 0; i < refreshes; i++) {
            due = Math.min(due, action.refresh(i).refresh(flows.note(entry, i), nowNanos));
        }
        flows.decision(entry, FlowDecisions.DUE_NANOS, due);
    }

    private void offer(FlowOffers offers) {
        if (port < 0 && runPackets != runSegments) {
            offers.passedMerged(flows, entry, action, runPackets, runFlowHash);
        } else {
            offers.passed(flows, entry, action, runPackets, runFlowHash);
        }
    }

    /** Sends the packet down the chain, and applies the fast path to a copy; false if it cannot. */
    private boolean shadow(Packet packet) {
        Packet twin = packet.pool().copy(packet);
        if (twin == null) {
            return false;
        }
        Observation observation = rewrite(twin) ? path.observe(packet, number, 0) : null;
        if (observation == null) {
            twin.pool().release(twin);
            return false;
        }
        path.shadow.begin(observation, twin);
        path.shadowed.add(packet.flowHash());
        hits += packet.wirePackets();
        return true;
    }

    /** Adds the counts of this batch to all counters. */
    private void settle() {
        for (int i = 0; i < countingSize; i++) {
            counting[i].flushCounts();
        }
        countingSize = 0;
        throttle.found(hits, misses, evictions);
        path.counters.hits.add(hits);
        path.counters.misses.add(misses);
        path.counters.bypasses.add(bypasses);
        hits = 0;
        misses = 0;
        bypasses = 0;
        evictions = 0;
    }

    /** Counts a flow that came in here and displaced another. */
    void evicted() {
        evictions++;
    }

    // ---- observers ----------------------------------------------------------------------------------------------

    @Override
    public LookupOutcome outcome(int index, Packet packet, int verdict) {
        if (verdict == TO_RECORDER) {
            return LookupOutcome.HIT;
        }
        if (verdict == Verdict.CONSUMED) {
            return LookupOutcome.WAITS;
        }
        if (unasked != null) {
            return unasked;
        }
        if (looked.hasNoFlow(index)) {
            boolean isNew = path.guard == null || path.guard.isNew(packet);
            return isNew ? LookupOutcome.UNCACHEABLE : LookupOutcome.FROM_OTHER_WORKER;
        }
        int found = looked.entry(looked.run(index));
        if (found < 0) {
            boolean isRecorded = packet.recording() != null;
            return found == LookupBatch.OUT_OF_DATE
                    ? LookupOutcome.OUT_OF_DATE
                    : isRecorded ? LookupOutcome.RECORDED : LookupOutcome.UNKNOWN_FLOW;
        }
        if (packet.recording() != null) {
            return LookupOutcome.COMPARED;
        }
        boolean isLong = packet.wireLength() - frame > path.actionOf(found).limit();
        return isLong ? LookupOutcome.TOO_LONG : LookupOutcome.BEHIND_OTHERS;
    }

    @Override
    public long sinceNanos(int index) {
        return flows.decision(looked.entry(looked.run(index)), FlowDecisions.BORN_NANOS);
    }

    @Override
    public long passed(int index) {
        return flows.decision(looked.entry(looked.run(index)), FlowDecisions.PACKETS);
    }
}
