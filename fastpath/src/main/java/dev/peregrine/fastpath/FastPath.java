package dev.peregrine.fastpath;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.schedule.Assembler.Graph;
import dev.peregrine.dataplane.schedule.OrderGuard;
import dev.peregrine.dataplane.schedule.Steering;
import dev.peregrine.dataplane.stage.Node;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.fastpath.view.FlowEntry;
import dev.peregrine.fastpath.view.Mismatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
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

    /** Numbers of look-ups, those of ports that were removed included, before they begin again. */
    private static final int MOST_LOOKUPS = 1 << 12;

    final FlowCache cache;
    final Epoch epoch;
    final FastPathSwitch settings;
    final FlowCounters counters = new FlowCounters();
    final Shadow shadow;

    /** Flows with packets of this batch that walk: because they must, and because they are compared. */
    final FlowBloom walking = new FlowBloom();

    final FlowBloom shadowed = new FlowBloom();

    /** Flows with an observed packet that later ones could overtake: the later ones wait for the next batch. */
    final FlowBloom observed = new FlowBloom();

    /** Keeps the order where packets of a batch settle later; null where a batch settles at once. */
    @Nullable
    OrderGuard guard;

    /** The tier below; null without one. */
    @Nullable
    OrderCounts order;

    @Nullable
    FlowOffers offers;

    private final Observation[] observations = new Observation[Batch.CAPACITY];
    private final List<String> addresses = new ArrayList<>();
    private final List<@Nullable FlowLookup> lookups = new ArrayList<>();
    private FlowAction[] actions = new FlowAction[16];
    private int actionCount;

    /** One more than the number of the action with a hash, or with one before it. */
    private final int[] places = new int[1 << PLACE_BITS];

    private @Nullable ChainRoute route;
    private int nextWalk;

    /** Nodes of the graph that are of no port: where these change, the way of every flow does. */
    private long common;

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
        for (int i = 0; i < observations.length; i++) {
            observations[i] = new Observation(i);
        }
    }

    // ---- assembly -----------------------------------------------------------------------------------------------

    /**
     * A stage in front of the chain. Exit 0 leads to the recorder, exit 1 to the chain. Made beside the worker: it is
     * used from when its graph is joined.
     *
     * @param tunnelBytes bytes of tunnel headers in front of frames that come in here: 0 or 8
     * @param port the local port whose frames come in here; {@link Packet#NO_PORT} for datagrams, which name theirs
     */
    public Stage lookup(int tunnelBytes, int port) {
        if (tunnelBytes != 0 && tunnelBytes != FlowKey.TUNNEL_BYTES) {
            throw new IllegalArgumentException("tunnel headers of " + tunnelBytes + " bytes");
        }
        return new FlowLookup(this, tunnelBytes, port);
    }

    /** The stage behind the chain. Exit 0 leads to tunnel ports, exit 1 + p to local port p. */
    public Stage recorder() {
        return new FlowRecorder(this);
    }

    /**
     * Sets the graph that the stages are in: before the first packet comes, and after each new assembly. Look-ups and
     * actions of nodes that are not in the graph any more are forgotten: no entry that holds leads there. On the
     * worker's thread, between batches.
     */
    public void join(ChainRoute next) {
        route = next;
        guard = next.guard();
        next.lookups().forEach(this::enter);
        boolean lost = false;
        for (int i = 0; i < lookups.size(); i++) {
            FlowLookup lookup = lookups.get(i);
            if (lookup == null) {
                continue;
            }
            Node node = next.lookups().get(addresses.get(i));
            if (node != null && node.ownStage() == lookup) {
                lookup.join(node);
            } else {
                lookups.set(i, null);
                lost = true;
            }
        }
        long before = common;
        common = next.common();
        if (lost || common != before) {
            forget(common == before ? next.nodes() : Set.of());
        }
    }

    private void enter(String address, Node node) {
        if (node.ownStage() instanceof FlowLookup lookup && !lookup.isNumbered()) {
            lookup.number(lookups.size());
            addresses.add(address);
            lookups.add(lookup);
        }
    }

    private void forget(Set<Node> unlessIn) {
        if (lookups.size() > MOST_LOOKUPS && lookups.stream().anyMatch(Objects::isNull)) {
            clear();
            renumber();
            return;
        }
        for (int i = 0; i < actionCount; i++) {
            actions[i].forgetUnlessIn(unlessIn);
        }
    }

    /** Numbers are given once, so that no entry confuses two look-ups; without entries they can begin again. */
    private void renumber() {
        List<FlowLookup> left = new ArrayList<>();
        List<String> places = new ArrayList<>();
        for (int i = 0; i < lookups.size(); i++) {
            FlowLookup lookup = lookups.get(i);
            if (lookup != null) {
                lookup.number(left.size());
                left.add(lookup);
                places.add(addresses.get(i));
            }
        }
        lookups.clear();
        lookups.addAll(left);
        addresses.clear();
        addresses.addAll(places);
    }

    /**
     * The addresses of the stages that a hit at a look-up skips on its way to a port, in order. Any thread may ask.
     *
     * @param lastStage gives the address of the chain's last stage for an egress port
     */
    public static List<String> skipped(Graph graph, IntFunction<String> lastStage, String lookup, int port) {
        return new ChainRoute(graph, lastStage).addresses(lookup, port);
    }

    /** Finishes comparisons: all packets that walked have settled. On the worker's thread, between batches. */
    public void settle() {
        shadow.check(observations);
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
        shadow.check(observations);
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
    Observation observe(Packet packet, int lookup, long hash) {
        Observation observation = observations[nextWalk];
        if (!observation.isFree() || packet.recording() != null) {
            return null;
        }
        nextWalk = (nextWalk + 1) & (Batch.CAPACITY - 1);
        observation.recording.begin(packet);
        observation.hash = hash;
        observation.lookup = lookup;
        observation.since = since;
        if (guard != null) {
            packet.path(Steering.HOME);
            observed.add(packet.flowHash());
        }
        return observation;
    }

    /** Records an observed packet that has walked to the end. */
    void record(Packet packet, FlowRecording recording, long nowNanos) {
        Observation observation = observations[recording.index()];
        if (observation.recording != recording) {
            return; // it came from another worker, whose cache is not ours
        }
        Packet twin = observation.twin;
        if (twin != null) {
            shadow.compare(observation, twin, packet);
            return;
        }
        if (recording.isUncacheable() || !epoch.isCurrent(packet.segment(), observation.since)) {
            return;
        }
        int action = shownBy(observation, packet, recording);
        if (!actions[action].mayBeTaken()) {
            return;
        }
        int entry = cache.find(observation.key, observation.hash);
        if (entry == FlowCache.NONE) {
            int before = cache.size();
            entry = cache.insert(observation.key, observation.hash, nowNanos);
            if (before == cache.size()) {
                Objects.requireNonNull(lookups.get(observation.lookup)).evicted();
                counters.evictions.add(1);
            }
            counters.inserts.add(1);
            counters.entries.set(cache.size());
        }
        cache.flows.decide(entry, observation.since, ((long) action << Integer.SIZE) | packet.outPort(), recording);
    }

    /** The action that an entry of the cache has. */
    FlowAction actionOf(int entry) {
        return actions[(int) (cache.flows.decision(entry, FlowDecisions.WHERE) >>> Integer.SIZE)];
    }

    /** The number of the action that a walk has shown, a new one if need be. */
    private int shownBy(Observation observation, Packet packet, FlowRecording recording) {
        int exit = Ports.isTunnel(packet.outPort()) ? Ports.FIRST_TUNNEL : packet.outPort();
        int place = FlowAction.hash(observation.lookup, exit, packet, recording) >>> (Integer.SIZE - PLACE_BITS);
        while (places[place] != 0) {
            int number = places[place] - 1;
            if (actions[number].isShownBy(observation.lookup, exit, packet, recording)) {
                return number;
            }
            place = (place + 1) & (places.length - 1);
        }
        if (route == null) {
            throw new IllegalStateException("the fast path has joined no graph");
        }
        if (actionCount == MOST_SHORTCUTS) {
            clear();
            return shownBy(observation, packet, recording);
        }
        if (actionCount == actions.length) {
            actions = Arrays.copyOf(actions, 2 * actionCount);
        }
        Node[] skipped = route.skipped(addresses.get(observation.lookup), packet.outPort());
        actions[actionCount] = new FlowAction(observation.lookup, exit, packet, recording, skipped);
        places[place] = ++actionCount;
        return actionCount - 1;
    }

    // ---- control ------------------------------------------------------------------------------------------------

    /** The counts so far; any thread may read it. */
    public FlowCounters counters() {
        return counters;
    }

    /** Puts a tier below the cache, or takes it away with null; on the worker's thread, between batches. */
    public void below(@Nullable OrderCounts counts, @Nullable FlowOffers taken) {
        order = counts;
        offers = taken;
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
                FlowAction action = actionOf(entry);
                boolean current = epoch.isCurrent(action.segment(), cache.flows.decision(entry, FlowDecisions.SINCE));
                visitor.accept(cache.flows.show(entry, action, current));
            }
        }
    }

    /** Forgets all flows; returns how many. On the worker's thread, between batches. */
    public int clear() {
        int flows = cache.size();
        cache.clear();
        Arrays.fill(actions, null);
        Arrays.fill(places, 0);
        actionCount = 0;
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
