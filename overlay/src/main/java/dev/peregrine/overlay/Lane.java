package dev.peregrine.overlay;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.endpoint.EndpointSlot;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.schedule.Assembler;
import dev.peregrine.dataplane.schedule.Input;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.schedule.Topology.WorkerScope;
import dev.peregrine.dataplane.schedule.Worker;
import dev.peregrine.dataplane.schedule.WorkerGroup;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;
import dev.peregrine.fastpath.ChainRoute;
import dev.peregrine.fastpath.FastPath;
import dev.peregrine.vxlan.underlay.Underlay;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One worker and everything that is its own: pool, counters, underlay, flow cache, graph, and an endpoint slot for
 * every port, of which there may be others at each assembly. Its maker gives the worker its turns. Made and closed
 * while the worker takes none; in between, what is inside belongs to the worker's thread, but for the counts, which any
 * thread may read, and for the graphs that the worker is to take, which one other thread prepares.
 *
 * @param <U> the underlay
 */
public class Lane<U extends Underlay> implements AutoCloseable {
    private final LaneSpec spec;
    private final WorkerScope scope;
    private final Counters received = new Counters();
    private final Worker worker;
    private final U underlay;
    private final Map<Integer, PortEnd> ends = new ConcurrentHashMap<>();
    private final Map<String, Sink> terminals = new HashMap<>();
    private final @Nullable FastPath fastPath;
    private @Nullable Assembler assembler;
    private @Nullable Input underlayInput;

    /** The graph that was prepared last. */
    private volatile @Nullable Prepared prepared;

    /** The graph that the worker has. */
    private volatile Assembler.@Nullable Graph graph;

    /** The ends that the worker polls. */
    private Set<PortEnd> polled = Set.of();

    /** A graph for the worker to take, and what is to enter it. */
    private record Prepared(Assembler.Graph graph, ChainRoute route, Joint tunnel, Map<PortEnd, Joint> joints) {}

    /** A source, and where its packets enter a graph. */
    private record Joint(Source from, Sink entrance) {}

    /** Where a port's frames come from and go to. */
    private static final class PortEnd {
        private final Port port;
        private final EndpointSlot slot;
        private @Nullable Input input;

        private PortEnd(Port port, EndpointSlot slot) {
            this.port = port;
            this.slot = slot;
        }
    }

    /**
     * A lane without a graph, whose slots are empty.
     *
     * @param id number of its worker, from 0
     * @param makeUnderlay makes its end of the underlay, which the lane closes
     */
    public Lane(int id, LaneSpec spec, Function<WorkerScope, U> makeUnderlay) {
        this.spec = spec;
        worker = new Worker(id, spec.clock());
        fastPath = spec.fastPaths() == null ? null : spec.fastPaths().of(id);
        worker.beforeBatch(this::takeNews);
        PacketPool pool = new PacketPool(id, spec.lanes(), spec.buffers(), spec.views());
        scope = new WorkerScope(id, pool, new DropCounters());
        underlay = makeUnderlay.apply(scope);
        terminals.put(Wiring.UNDERLAY, underlay);
        terminals.put(Wiring.NOWHERE, new EndpointSlot(scope.drops()));
        spec.devices().ports().forEach(this::enter);
    }

    private void enter(Port port) {
        PortEnd end = new PortEnd(port, new EndpointSlot(scope.drops()));
        ends.put(port.id(), end);
        terminals.put(Wiring.endpoint(port), end.slot);
    }

    /** The slots of ports that are no more must be empty. */
    private void follow(List<Port> ports) {
        Set<Port> known = Collections.newSetFromMap(new IdentityHashMap<>());
        known.addAll(ports);
        ends.values().removeIf(end -> !known.contains(end.port) && leave(end));
        for (Port port : ports) {
            if (!ends.containsKey(port.id())) {
                enter(port);
            }
        }
    }

    private boolean leave(PortEnd end) {
        terminals.remove(Wiring.endpoint(end.port));
        return true;
    }

    private void takeNews() {
        if (fastPath != null) {
            fastPath.takeEpoch(); // before anything that decisions rest on
        }
        spec.devices().policy().refresh(scope.worker());
    }

    /** Prepares the graph of the lane's ports and takes it: before the worker starts, or between two of its batches. */
    public void assemble(WorkerGroup group, Topology topology) {
        assemble(group, topology, spec.devices().ports(), spec.instruments());
    }

    /** The same with other ports, or with other instruments. */
    public void assemble(WorkerGroup group, Topology topology, List<Port> ports, Instruments around) {
        prepare(group, topology, ports, around);
        take();
    }

    /**
     * Makes a graph by the group's schedule, while the worker goes on with the one that it has. If the schedule is
     * another one, all workers are paused and drained. Ports that there were stay as they are; the slots of those that
     * are no more must be empty. Called by one thread at a time, which may be any.
     *
     * @param topology of {@link Wiring}, the same for all lanes
     * @param ports of which the topology was made
     * @param around instruments of this graph
     */
    public final void prepare(WorkerGroup group, Topology topology, List<Port> ports, Instruments around) {
        follow(ports);
        if (assembler == null) {
            assembler = new Assembler(group, scope, terminals, spec.faults());
        }
        Assembler.Graph made = assembler.prepare(topology, around);
        Joint tunnel = new Joint(around.source(Wiring.UNDERLAY, underlay), made.entrance(Wiring.COALESCE));
        Map<PortEnd, Joint> joints = new LinkedHashMap<>();
        for (PortEnd end : ends.values()) {
            Source frames = around.source(Wiring.endpoint(end.port), end.slot);
            joints.put(end, new Joint(frames, made.entrance(Wiring.entrance(topology, end.port))));
        }
        ChainRoute route = new ChainRoute(made, port -> Wiring.lastStage(ports, port));
        prepared = new Prepared(made, route, tunnel, joints);
    }

    /**
     * Gives the worker the graph that was prepared last, if it does not have it yet. Called on the worker's thread
     * between two batches, or while the worker does not run.
     */
    public final void take() {
        Prepared next = prepared;
        if (next == null || next.graph == graph) {
            return;
        }
        if (fastPath != null) {
            fastPath.settle();
        }
        next.graph.take();
        if (fastPath != null) {
            fastPath.join(next.route);
        }
        for (PortEnd end : polled) {
            if (!next.joints.containsKey(end)) {
                worker.remove(Objects.requireNonNull(end.input));
            }
        }
        next.joints.forEach((end, joint) -> end.input = lead(end.input, joint));
        polled = next.joints.keySet();
        underlayInput = lead(underlayInput, next.tunnel);
        graph = next.graph;
    }

    private Input lead(@Nullable Input input, Joint joint) {
        if (input == null) {
            return worker.add(joint.from, joint.entrance);
        }
        input.rewire(joint.from, joint.entrance);
        return input;
    }

    /** Number of the worker, from 0. */
    public final int id() {
        return scope.worker();
    }

    /** The worker, which polls underlay and slots once the graph is assembled. */
    public final Worker worker() {
        return worker;
    }

    /** Where its packets come from. */
    public final PacketPool pool() {
        return scope.pool();
    }

    /** The drops of all its parts, in wire packets. */
    public final DropCounters drops() {
        return scope.drops();
    }

    /** VXLAN datagrams that came in, counted in wire packets. */
    public final Counters received() {
        return received;
    }

    /** Its end of the underlay. */
    public final U underlay() {
        return underlay;
    }

    /** The place of a port's endpoint. */
    public final EndpointSlot slot(Port port) {
        return end(port).slot;
    }

    /** By which the worker polls the underlay; there from when the graph is assembled. */
    protected final Input underlayInput() {
        return Objects.requireNonNull(underlayInput, "not assembled");
    }

    /** By which the worker polls a port's endpoint; there from when the graph is assembled. */
    protected final Input input(Port port) {
        return Objects.requireNonNull(end(port).input, "not assembled");
    }

    private PortEnd end(Port port) {
        return Objects.requireNonNull(ends.get(port.id()), port.name());
    }

    /** The nodes and what they counted. Any thread may ask. */
    public final Assembler.Graph graph() {
        return Objects.requireNonNull(graph, "not assembled");
    }

    /** The flow cache; its counts may be read by any thread. */
    public final FastPath fastPath() {
        return Objects.requireNonNull(fastPath, "a graph without a flow cache");
    }

    /** Closes the underlay and frees the memory, after all lanes have stopped: others may have held packets. */
    @Override
    public void close() {
        underlay.close();
        if (fastPath != null) {
            fastPath.close();
        }
        scope.pool().close();
    }
}
