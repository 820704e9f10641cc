package dev.peregrine.fastpath;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.packet.Trail;
import dev.peregrine.dataplane.schedule.Assembler.Graph;
import dev.peregrine.dataplane.schedule.OrderGuard;
import dev.peregrine.dataplane.schedule.Steering;
import dev.peregrine.dataplane.stage.Node;
import dev.peregrine.dataplane.stage.Stage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One worker's fast path: its flow cache, and the stages around the chain that use it. A {@link FlowLookup} stands
 * where packets come in, one {@link FlowRecorder} where they leave.
 *
 * <p>Belongs to its worker, except {@link #counters}.
 */
public final class FastPath implements AutoCloseable {
    private static final int PLACE_BITS = 14;
    private static final int MOST_SHORTCUTS = 1 << (PLACE_BITS - 1);

    final FlowCache cache;
    final Epoch epoch;
    final FastPathSwitch settings;
    final FlowCounters counters = new FlowCounters();
    final Shadow shadow;

    /** Flows with packets of this batch that walk: because they must, and because they are compared. */
    final FlowFilter walking = new FlowFilter();

    final FlowFilter shadowed = new FlowFilter();

    /** Flows with an observed packet that later ones could overtake: the later ones wait for the next batch. */
    final FlowFilter observed = new FlowFilter();

    /** Keeps the order where packets of a batch settle later; null where a batch settles at once. */
    @Nullable
    OrderGuard guard;

    private final Walk[] walks = new Walk[Batch.CAPACITY];
    private final List<String> addresses = new ArrayList<>();
    private final List<FlowLookup> lookups = new ArrayList<>();
    private Shortcut[] shortcuts = new Shortcut[16];
    private int shortcutCount;

    /** One more than the number of the shortcut with a hash, or with one before it. */
    private final int[] places = new int[1 << PLACE_BITS];

    private @Nullable Ways ways;
    private int nextWalk;
    private long since;

    /**
     * A fast path without flows.
     *
     * @param capacity the most flows, 1 to 2^24; rounded up to a power of two of at least 8
     * @param seeds eight random numbers that decide where flows are kept
     * @param epoch counts changes of tables
     * @param settings the settings that can change at run time
     * @param mismatches called, on the worker's thread, when the shadow mode finds a difference
     */
    public FastPath(int capacity, long[] seeds, Epoch epoch, FastPathSwitch settings, Consumer<Mismatch> mismatches) {
        this.epoch = epoch;
        this.settings = settings;
        cache = new FlowCache(capacity, seeds);
        shadow = new Shadow(counters, epoch, mismatches);
        for (int i = 0; i < walks.length; i++) {
            walks[i] = new Walk(i);
        }
    }

    // ---- assembly -----------------------------------------------------------------------------------------------

    /**
     * A stage in front of the chain. Exit 0 leads to the recorder, exit 1 to the chain.
     *
     * @param address where it is in the graph
     * @param tunnelBytes bytes of tunnel headers in front of frames that come in here: 0 or 8
     * @param port the local port whose frames come in here; {@link Packet#NO_PORT} for datagrams, which name theirs
     */
    public Stage lookup(String address, int tunnelBytes, int port) {
        if (tunnelBytes != 0 && tunnelBytes != FlowKey.TUNNEL_BYTES) {
            throw new IllegalArgumentException("tunnel headers of " + tunnelBytes + " bytes");
        }
        FlowLookup lookup = new FlowLookup(this, lookups.size(), tunnelBytes, port);
        addresses.add(address);
        lookups.add(lookup);
        return lookup;
    }

    /** The stage behind the chain. Exit 0 leads to tunnel ports, exit 1 + p to local port p. */
    public Stage recorder() {
        return new FlowRecorder(this);
    }

    /**
     * Sets the graph that the stages are in: before the first packet comes, and after each new assembly.
     *
     * @param lastStage gives the address of the chain's last stage for an egress port
     */
    public void join(Graph graph, IntFunction<String> lastStage) {
        ways = new Ways(graph, lastStage);
        guard = graph.guard();
        for (int i = 0; i < lookups.size(); i++) {
            lookups.get(i).join(graph.node(addresses.get(i)));
        }
    }

    /** Finishes comparisons: all packets that walked have settled. On the worker's thread, between batches. */
    public void settle() {
        shadow.check(walks);
    }

    // ---- packets ------------------------------------------------------------------------------------------------

    /**
     * Begins a batch: decisions about it depend on the tables from now on. Called before each batch, before anything
     * that stages decide by is read for it.
     */
    public void takeEpoch() {
        since = epoch.now();
    }

    /** Begins a batch; false when all its packets walk. */
    boolean begin() {
        shadow.check(walks);
        if (!settings.isOn()) {
            return false;
        }
        walking.clear();
        shadowed.clear();
        observed.clear();
        return true;
    }

    /**
     * Begins to observe a packet that is about to walk, all on this worker and without a stop; null when too many are
     * observed.
     */
    @Nullable
    Walk observe(Packet packet, int lookup, long hash) {
        Walk walk = walks[nextWalk];
        if (!walk.isFree() || packet.trail() != null) {
            return null;
        }
        nextWalk = (nextWalk + 1) & (Batch.CAPACITY - 1);
        walk.trail.begin(packet);
        walk.hash = hash;
        walk.lookup = lookup;
        walk.since = since;
        if (guard != null) {
            packet.path(Steering.HOME);
            observed.add(packet.flowHash());
        }
        return walk;
    }

    /** Records an observed packet that has walked to the end. */
    void record(Packet packet, Trail trail, long nowNanos) {
        Walk walk = walks[trail.index()];
        if (walk.trail != trail) {
            return; // it came from another worker, whose cache is not ours
        }
        Packet twin = walk.twin;
        if (twin != null) {
            shadow.compare(walk, twin, packet);
            return;
        }
        if (trail.isSpoilt() || !epoch.isCurrent(packet.segment(), walk.since)) {
            return;
        }
        int shortcut = shownBy(walk, packet, trail);
        if (!shortcuts[shortcut].mayBeTaken()) {
            return;
        }
        int entry = cache.find(walk.key, walk.hash);
        if (entry == FlowCache.NONE) {
            int before = cache.size();
            entry = cache.insert(walk.key, walk.hash, nowNanos);
            if (before == cache.size()) {
                lookups.get(walk.lookup).evicted();
                counters.evictions.add(1);
            }
            counters.inserts.add(1);
            counters.entries.set(cache.size());
        }
        cache.flows.decide(entry, walk.since, ((long) shortcut << Integer.SIZE) | packet.outPort(), trail);
    }

    /** The shortcut that an entry of the cache has. */
    Shortcut shortcutOf(int entry) {
        return shortcuts[(int) (cache.flows.decision(entry, FlowDecisions.WHERE) >>> Integer.SIZE)];
    }

    /** The number of the shortcut that a walk has shown, a new one if need be. */
    private int shownBy(Walk walk, Packet packet, Trail trail) {
        int exit = Ports.isTunnel(packet.outPort()) ? Ports.FIRST_TUNNEL : packet.outPort();
        int place = Shortcut.hash(walk.lookup, exit, packet, trail) >>> (Integer.SIZE - PLACE_BITS);
        while (places[place] != 0) {
            int number = places[place] - 1;
            if (shortcuts[number].isShownBy(walk.lookup, exit, packet, trail)) {
                return number;
            }
            place = (place + 1) & (places.length - 1);
        }
        if (ways == null) {
            throw new IllegalStateException("the fast path has joined no graph");
        }
        if (shortcutCount == MOST_SHORTCUTS) {
            clear();
            return shownBy(walk, packet, trail);
        }
        if (shortcutCount == shortcuts.length) {
            shortcuts = Arrays.copyOf(shortcuts, 2 * shortcutCount);
        }
        Node[] skipped = ways.skipped(addresses.get(walk.lookup), packet.outPort());
        shortcuts[shortcutCount] = new Shortcut(walk.lookup, exit, packet, trail, skipped);
        places[place] = ++shortcutCount;
        return shortcutCount - 1;
    }

    // ---- control ------------------------------------------------------------------------------------------------

    /** The counts so far; any thread may read it. */
    public FlowCounters counters() {
        return counters;
    }

    /** The most flows. */
    public int capacity() {
        return cache.capacity();
    }

    /**
     * Shows the flows at the places from {@code from} to below {@code to}, of {@link #capacity}. On the worker's
     * thread, between batches; in portions, since packets wait meanwhile.
     */
    public void list(int from, int to, Consumer<FlowEntry> visitor) {
        for (int entry = from; entry < Math.min(to, cache.capacity()); entry++) {
            if (cache.isOccupied(entry)) {
                int segment = shortcutOf(entry).segment();
                boolean current = epoch.isCurrent(segment, cache.flows.decision(entry, FlowDecisions.SINCE));
                visitor.accept(FlowEntry.of(cache.flows, entry, segment, current));
            }
        }
    }

    /** Forgets all flows; returns how many. On the worker's thread, between batches. */
    public int clear() {
        int flows = cache.size();
        cache.clear();
        Arrays.fill(shortcuts, null);
        Arrays.fill(places, 0);
        shortcutCount = 0;
        counters.entries.set(0);
        return flows;
    }

    /** Finishes comparisons, and frees the memory. On the worker's thread, or after it. */
    @Override
    public void close() {
        settle();
        cache.close();
    }
}
