package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.schedule.Topology.Exit;
import dev.peregrine.dataplane.schedule.Topology.Place;
import dev.peregrine.dataplane.schedule.Topology.ReceiverSpec;
import dev.peregrine.dataplane.schedule.Topology.StageSpec;
import dev.peregrine.dataplane.schedule.Topology.Terminal;
import dev.peregrine.dataplane.schedule.Topology.WorkerScope;
import dev.peregrine.dataplane.stage.Containment;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.stage.FaultListener;
import dev.peregrine.dataplane.stage.Histogram;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.dataplane.stage.Node;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Stage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Instantiates a {@link Topology} for one worker under the schedule of its {@link WorkerGroup}. Every worker has every
 * stage, since any flow may be steered to it. Stages and their counters are made once; a new assembly joins them as
 * another graph or with other instruments around them, while packets may be in links, queues and guard, or by another
 * schedule, while all workers are at rest. One thread prepares it while the worker carries packets by the graph that it
 * has; the worker only takes what is ready.
 */
public final class Assembler {
    /** Bounds of the latencies that are told apart, as powers of two: 1 microsecond and 1 second. */
    private static final int LOWEST_LATENCY = 10;

    private static final int HIGHEST_LATENCY = 30;

    private final WorkerGroup group;
    private final WorkerScope scope;
    private final Worker worker;
    private final Map<String, Sink> terminals;
    private final FaultListener faults;
    private final Containment containment;
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Map<String, EgressMeter> departures = new HashMap<>();
    private final Histogram latency = new Histogram(LOWEST_LATENCY, HIGHEST_LATENCY);

    /** The sink that stands for each place in the graph under assembly: its node, or the receiver. */
    private final Map<String, Sink> sinks = new HashMap<>();

    private final Map<String, Sink> joints = new HashMap<>();
    private final Map<String, LocalQueue> queues = new HashMap<>();
    private Map<InnerQueue, Sink> inner = new LinkedHashMap<>();
    private final Map<Integer, Sink> handedTo = new HashMap<>();
    private final Set<String> underway = new HashSet<>();

    /** The terminals that the graph under assembly leads to. */
    private final Set<String> reached = new HashSet<>();

    /** The steps that are left for the worker's thread: all that change parts which carry packets. */
    private List<Runnable> joining = List.of();

    private Topology topology = new Topology();
    private Instruments instruments = Instruments.NONE;
    private List<Place> places = List.of();
    private @Nullable OrderGuard guard;
    private int generation = -1;

    /** One worker's instance of the graph. */
    public static final class Graph {
        private final Map<String, Node> nodes;
        private final List<StageSpec> stages;
        private final Map<String, EgressMeter> departures;
        private final Histogram latency;
        private final Map<String, Sink> entrances;
        private final Map<String, LocalQueue> queues;
        private final @Nullable OrderGuard guard;
        private List<Runnable> joining;

        private Graph(Assembler assembler, Map<String, Sink> entrances) {
            guard = assembler.guard;
            joining = assembler.joining;
            nodes = Collections.unmodifiableMap(new LinkedHashMap<>(assembler.nodes));
            departures = Map.copyOf(assembler.departures);
            latency = assembler.latency;
            stages = assembler.topology.stages();
            this.entrances = entrances;
            queues = Map.copyOf(assembler.queues);
        }

        /**
         * Makes the worker's packets walk this graph from now on: joins its parts with those that the worker has.
         * Called once, on the worker's thread between two batches, or while the worker does not run.
         */
        public Graph take() {
            joining.forEach(Runnable::run);
            joining = List.of();
            return this;
        }

        /** The stages in the order of the topology. */
        public List<StageSpec> stages() {
            return stages;
        }

        /** All nodes by address. */
        public Map<String, Node> nodes() {
            return nodes;
        }

        /** The node of the stage with an address. */
        public Node node(String address) {
            return known(nodes.get(address), address);
        }

        /** The sink for packets of a source that enter at a place. */
        public Sink entrance(String address) {
            return known(entrances.get(address), address);
        }

        /** Keeps the order where packets of a batch settle later; null where a batch settles at once. */
        public @Nullable OrderGuard guard() {
            return guard;
        }

        /** The names of the terminals that the graph leads to. */
        public Set<String> terminals() {
            return departures.keySet();
        }

        /** The packets that left by a terminal, and their cost there. */
        public Counters departed(String terminal) {
            return known(departures.get(terminal), terminal).counters();
        }

        /**
         * Nanoseconds from where a packet was received, by whatever worker, to where this worker had handed it to a
         * terminal; of the first packet of a batch, and of one batch in 64. Any thread may read.
         */
        public Histogram latency() {
            return latency;
        }

        private static <T> T known(@Nullable T found, String address) {
            if (found == null) {
                throw new IllegalArgumentException("no stage " + address);
            }
            return found;
        }

        /** Packets that wait in a queue in front of a stage; 0 where there is none. Any thread may ask. */
        public int queueDepth(String address) {
            LocalQueue queue = queues.get(address);
            return queue == null ? 0 : queue.depth();
        }
    }

    /**
     * An assembler for one worker.
     *
     * @param scope the parts that belong to the worker; its number is the worker's in the group
     * @param terminals the worker's sinks behind the graph, by name; there may be others at each assembly
     * @param faults told when a stage or sink throws
     */
    public Assembler(WorkerGroup group, WorkerScope scope, Map<String, Sink> terminals, FaultListener faults) {
        this.group = group;
        this.scope = scope;
        this.terminals = Collections.unmodifiableMap(terminals);
        this.faults = faults;
        containment = new Containment(scope.drops(), faults);
        worker = group.workers().get(scope.worker());
    }

    /**
     * Joins the stages as the group's schedule says, makes those that are missing, forgets those that the graph does
     * not have any more, and makes the links and queues between them. Meanwhile the worker goes on with the graph that
     * it has; {@link Graph#take} gives it this one. The worker may leave graphs out, but never goes back to one that
     * was prepared before the one that it has. Called by one thread at a time. Where the schedule is the same as
     * before, packets may be in flight in this graph and others; none may be bound for, or have come from, stages that
     * it does not have any more.
     *
     * @param graph the same for all workers; may differ from time to time, as long as stages with one address are alike
     *     and {@link Topology#numberAs} told it of the one before
     * @param around put around the graph's stages, receivers and terminals
     * @throws IllegalArgumentException when an exit leads nowhere or the graph has a cycle
     */
    public Graph prepare(Topology graph, Instruments around) {
        instruments = around;
        topology = graph;
        places = graph.places();
        sinks.clear();
        joints.clear();
        inner = new LinkedHashMap<>();
        handedTo.clear();
        reached.clear();
        joining = new ArrayList<>();
        if (generation != group.generation()) {
            generation = group.generation();
            queues.clear();
            guard = guard();
        }
        guardDevices();
        OrderGuard own = guard;
        joining.add(() -> worker.attach(scope.pool(), own, containment));
        Map<String, Sink> entrances = new HashMap<>();
        for (Place place : places) {
            sink(place);
            entrances.put(place.address(), entrance(place));
        }
        receiveFromOthers();
        Map<InnerQueue, Sink> between = inner;
        joining.add(() -> worker.inner(between));
        nodes.keySet().retainAll(sinks.keySet());
        queues.keySet().retainAll(joints.keySet());
        departures.keySet().retainAll(reached);
        return new Graph(this, entrances);
    }

    private @Nullable OrderGuard guard() {
        return switch (group.schedule()) {
            case Schedule.RunToCompletion() -> null;
            case Schedule.Queued queued ->
                topology.hasShorterWays()
                        ? new OrderGuard(Steering.nowhereElse(worker.id()), true, scope, group.check(), containment)
                        : null;
            case Schedule.Pipelined pipelined ->
                new OrderGuard(
                        Objects.requireNonNull(group.steering()),
                        pipelined.guarded(),
                        scope,
                        group.check(),
                        containment);
        };
    }

    private void guardDevices() {
        OrderGuard own = guard;
        if (own != null && group.schedule() instanceof Schedule.Pipelined pipelined) {
            int[] ids = places.stream()
                    .filter(place -> !topology.isEverywhere(place))
                    .mapToInt(place -> pipelined.deviceId(topology.unit(place)))
                    .distinct()
                    .toArray();
            joining.add(() -> own.devices(ids));
        }
    }

    private void receiveFromOthers() {
        if (group.schedule() instanceof Schedule.Pipelined) {
            EntryDemux demux = new EntryDemux(handedTo, containment);
            for (Worker other : group.workers()) {
                if (other != worker) {
                    inner.put(group.link(other.id(), worker.id()), demux);
                }
            }
        }
    }

    private Sink sink(Place place) {
        Sink made = sinks.get(place.address());
        if (made != null) {
            return made;
        }
        if (!underway.add(place.address())) {
            throw new IllegalArgumentException("the graph has a cycle through " + place.address());
        }
        Sink sink = switch (place) {
            case StageSpec stage -> node(stage);
            case ReceiverSpec receiver -> receiver(receiver);
        };
        underway.remove(place.address());
        sinks.put(place.address(), sink);
        return sink;
    }

    private Sink receiver(ReceiverSpec spec) {
        String address = spec.address();
        Sink next = instruments.sink(Instruments.behind(address), exit(spec, spec.exit()));
        return instruments.sink(address, spec.factory().apply(scope, next));
    }

    private Node node(StageSpec spec) {
        Sink[] exits = spec.exits().stream().map(exit -> exit(spec, exit)).toArray(Sink[]::new);
        Node known = nodes.get(spec.address());
        if (known == null) {
            return make(spec, exits);
        }
        Stage around = instruments.stage(spec.address(), known.ownStage());
        joining.add(() -> {
            known.rewire(exits);
            known.instrument(around);
        });
        return known;
    }

    /** Makes a node, which no packet reaches before the worker has taken the graph. */
    private Node make(StageSpec spec, Sink[] exits) {
        Stage stage = spec.factory().apply(scope);
        Node made = new Node(stage, exits, spec.replication(), scope.pool(), scope.drops(), faults);
        made.instrument(instruments.stage(spec.address(), stage));
        nodes.put(spec.address(), made);
        return made;
    }

    private Sink exit(Place from, Exit exit) {
        Sink terminal = exit instanceof Terminal(String name) ? terminals.get(name) : null;
        if (terminal != null) {
            return departure(exit.toString(), terminal);
        }
        Place to = topology.place(exit);
        if (to == null) {
            throw new IllegalArgumentException(
                    "an exit of " + from.address() + " leads to " + exit + ", which is neither a stage nor a terminal");
        }
        return topology.isJoined(from, to) ? sink(to) : joint(to);
    }

    private EgressMeter departure(String name, Sink terminal) {
        EgressMeter meter = departures.computeIfAbsent(name, key -> new EgressMeter(terminal, worker.id(), latency));
        if (reached.add(name)) {
            Sink around = instruments.sink(name, terminal);
            OrderCheck check = guard == null ? null : group.check();
            joining.add(() -> {
                meter.lead(around);
                meter.check(check);
            });
        }
        return meter;
    }

    private Sink joint(Place to) {
        Sink made = joints.get(to.address());
        if (made == null) {
            made = join(to, sink(to));
            joints.put(to.address(), made);
        }
        return made;
    }

    /** The sink between two devices. */
    private Sink join(Place to, Sink next) {
        return switch (group.schedule()) {
            case Schedule.RunToCompletion() -> next;
            case Schedule.Queued(int capacity) -> queue(to, next, capacity);
            case Schedule.Pipelined pipelined -> handoff(pipelined, to, next);
        };
    }

    /** The sink between a source and the graph; a hand-off where the receiving device is split. */
    private Sink entrance(Place place) {
        return switch (group.schedule()) {
            case Schedule.Pipelined pipelined
            when pipelined.split() && place instanceof ReceiverSpec -> handoff(pipelined, place, sink(place));
            default -> sink(place);
        };
    }

    private Sink queue(Place to, Sink next, int capacity) {
        LocalQueue queue = queues.computeIfAbsent(to.address(), key -> new LocalQueue(capacity, scope.drops()));
        inner.put(queue, next);
        return guard == null ? queue : new QueueGate(queue, next, guard, containment);
    }

    private Sink handoff(Schedule.Pipelined pipelined, Place to, Sink next) {
        Steering steering = group.steering();
        assert steering != null && guard != null : "a pipelined schedule without steering";
        handedTo.put(topology.number(to), next);
        return new Handoff(
                steering,
                worker.id(),
                pipelined.deviceId(topology.unit(to)),
                topology.number(to),
                group.linksOf(worker.id()),
                next,
                scope.drops(),
                guard,
                to instanceof ReceiverSpec,
                containment);
    }
}
