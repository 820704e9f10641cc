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
import dev.peregrine.fastpath.FastPath;
import dev.peregrine.vxlan.underlay.Underlay;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One worker and everything that is its own: pool, counters, underlay, flow cache, graph, and an endpoint slot for
 * every port, of which there may be others at each assembly. Its maker gives the worker its turns. Made and closed
 * while the worker takes none; in between, what is inside belongs to the worker's thread, but for the counts, which any
 * thread may read.
 *
 * @param <U> the underlay
 */
public class Lane<U extends Underlay> implements AutoCloseable {
    private final LaneSpec spec;
    private final WorkerScope scope;
    private final Counters received = new Counters();
    private final Worker worker;
    private final U underlay;
    private final Map<Integer, PortEnd> ends = new HashMap<>();
    private final Map<String, Sink> terminals = new HashMap<>();
    private final @Nullable FastPath fastPath;
    private @Nullable Assembler assembler;
    private Instruments instruments;
    private @Nullable Input underlayInput;
    private volatile Assembler.@Nullable Graph graph;

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
        instruments = spec.instruments();
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
        if (end.input != null) {
            worker.remove(end.input);
        }
        return true;
    }

    private void takeNews() {
        if (fastPath != null) {
            fastPath.takeEpoch(); // before anything that decisions rest on
        }
        spec.devices().policy().refresh(scope.worker());
    }

    /**
     * Joins the graph by the group's schedule: first before the worker starts, later on its thread between two batches.
     * If the schedule is another one, all workers are paused and drained.
     *
     * @param topology of {@link Wiring}, the same for all lanes
     */
    public void assemble(WorkerGroup group, Topology topology) {
        assemble(group, topology, spec.devices().ports(), instruments);
    }

    /**
     * The same with other ports, or with other instruments from now on. Ports that there were stay as they are; the
     * slots of those that are no more must be empty.
     *
     * @param ports of which the topology was made
     */
    public void assemble(WorkerGroup group, Topology topology, List<Port> ports, Instruments around) {
        follow(ports);
        instruments = around;
        if (assembler == null) {
            assembler = new Assembler(group, scope, terminals, spec.faults(), around);
        }
        if (fastPath != null) {
            fastPath.settle();
        }
        Assembler.Graph made = assembler.assemble(topology, around);
        if (fastPath != null) {
            fastPath.join(made, port -> Wiring.lastStage(ports, port));
        }
        for (PortEnd end : ends.values()) {
            Sink in = made.entrance(Wiring.entrance(topology, end.port));
            end.input = lead(end.input, Wiring.endpoint(end.port), end.slot, in);
        }
        underlayInput = lead(underlayInput, Wiring.UNDERLAY, underlay, made.entrance(Wiring.COALESCE));
        graph = made;
    }

    private Input lead(@Nullable Input input, String name, Source source, Sink entrance) {
        Source from = instruments.source(name, source);
        if (input == null) {
            return worker.add(from, entrance);
        }
        input.rewire(from, entrance);
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
