package dev.peregrine.overlay;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.endpoint.EndpointSlot;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.schedule.Assembler;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.schedule.Topology.WorkerScope;
import dev.peregrine.dataplane.schedule.Worker;
import dev.peregrine.dataplane.schedule.WorkerGroup;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;
import dev.peregrine.fastpath.FastPath;
import dev.peregrine.vxlan.underlay.Underlay;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One worker and everything that is its own: pool, counters, underlay, flow cache, graph, and an endpoint slot for every
 * port. Who makes it gives the worker its turns. Made and closed while the worker takes none; in between, what is inside
 * belongs to the worker's thread, but for the counts, which any thread may read.
 *
 * @param <U> the underlay
 */
public class Lane<U extends Underlay> implements AutoCloseable {
    private final LaneSpec spec;
    private final WorkerScope scope;
    private final Counters received = new Counters();
    private final Worker worker;
    private final U underlay;
    private final EndpointSlot[] slots;
    private final Worker.@Nullable Input[] inputs;
    private final Map<String, Sink> terminals = new HashMap<>();
    private final @Nullable FastPath fastPath;
    private @Nullable Assembler assembler;
    private Worker.@Nullable Input underlayInput;
    private volatile Assembler.@Nullable Graph graph;

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
        List<Port> ports = spec.devices().ports();
        slots = new EndpointSlot[ports.size()];
        inputs = new Worker.Input[ports.size()];
        for (Port port : ports) {
            slots[port.id()] = new EndpointSlot(scope.drops());
            terminals.put(Wiring.endpoint(port), slots[port.id()]);
        }
    }

    private void takeNews() {
        if (fastPath != null) {
            fastPath.takeEpoch(); // before anything that decisions rest on
        }
        spec.devices().policy().refresh(scope.worker());
    }

    /**
     * Joins the graph by the group's schedule: first before the worker starts, later on its thread while it is paused
     * and drained.
     *
     * @param topology of {@link Wiring}, the same for all lanes
     */
    public void assemble(WorkerGroup group, Topology topology) {
        if (assembler == null) {
            assembler = new Assembler(group, scope, terminals, spec.faults(), spec.instruments());
        }
        if (fastPath != null) {
            fastPath.settle();
        }
        Assembler.Graph made = assembler.assemble(topology);
        List<Port> ports = spec.devices().ports();
        if (fastPath != null) {
            fastPath.join(made, port -> Wiring.lastStage(ports, port));
        }
        for (Port port : ports) {
            Sink in = made.entrance(Wiring.entrance(topology, port));
            inputs[port.id()] = lead(inputs[port.id()], Wiring.endpoint(port), slots[port.id()], in);
        }
        underlayInput = lead(underlayInput, Wiring.UNDERLAY, underlay, made.entrance(Wiring.COALESCE));
        graph = made;
    }

    private Worker.Input lead(Worker.@Nullable Input input, String name, Source source, Sink entrance) {
        if (input == null) {
            return worker.add(spec.instruments().source(name, source), entrance);
        }
        input.rewire(entrance);
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
        return slots[port.id()];
    }

    /** By which the worker polls the underlay; there from when the graph is assembled. */
    protected final Worker.Input underlayInput() {
        return Objects.requireNonNull(underlayInput, "not assembled");
    }

    /** By which the worker polls a port's endpoint; there from when the graph is assembled. */
    protected final Worker.Input input(Port port) {
        return Objects.requireNonNull(inputs[port.id()], "not assembled");
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
