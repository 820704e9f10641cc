package dev.peregrine.bench.chain;

import dev.peregrine.dataplane.device.Port;
import dev.peregrine.dataplane.endpoint.EndpointSlot;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.schedule.Assembler;
import dev.peregrine.dataplane.schedule.Crew;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.schedule.Worker;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.fastpath.FastPath;
import dev.peregrine.gateway.Wiring;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One worker and what is its own: pool, counters, graph, destinations and, if it receives, a source. */
final class Lane implements AutoCloseable {
    private final Setup setup;
    private final PacketPool pool;
    private final DropCounters drops = new DropCounters();
    private final Worker worker;
    private final @Nullable MemorySource source;
    private final List<MemoryDestination> destinations = new ArrayList<>();
    private final List<EndpointSlot> slots = new ArrayList<>();
    private final Map<String, Sink> terminals = new HashMap<>();
    private Assembler.@Nullable Graph graph;

    Lane(int id, Setup setup, MemoryDestination.Witness witness, @Nullable FastPath flows) {
        this.setup = setup;
        pool = new PacketPool(id, setup.cpus.size(), setup.buffers, setup.buffers * setup.traffic.datagrams());
        worker = new Worker(id, System::nanoTime);
        worker.beforeBatch(() -> {
            if (flows != null) {
                flows.takeEpoch();
            }
            setup.devices.policy().refresh(id);
        });
        terminals.put(Wiring.UNDERLAY, batch -> batch.release());
        for (Port port : setup.devices.ports()) {
            MemoryDestination destination = new MemoryDestination(witness);
            EndpointSlot slot = new EndpointSlot(drops);
            slot.attach(destination);
            destinations.add(destination);
            slots.add(slot);
            terminals.put(Wiring.endpoint(port), setup.instruments.sink(Wiring.endpoint(port), slot));
        }
        source = id < setup.receivers ? source(id) : null;
    }

    /** The source of every nth flow; null when there are too few flows. */
    private @Nullable MemorySource source(int id) {
        int flows = Math.ceilDiv(setup.traffic.flows() - id, setup.receivers);
        return flows <= 0
                ? null
                : new MemorySource(
                        pool,
                        id,
                        setup.receivers,
                        setup.devices.tunnelPort(),
                        setup.traffic,
                        setup.order.apply(flows),
                        setup.pace.apply(flows),
                        setup.prepared);
    }

    /** Makes the graph, with the other workers of the crew around; before any worker starts. */
    void assemble(Crew crew, Topology topology) {
        Topology.WorkerScope scope = new Topology.WorkerScope(worker.id(), pool, drops);
        Assembler.Graph made = new Assembler(crew, scope, terminals, (where, fault) -> {
                    throw new AssertionError(where, fault);
                })
                .assemble(topology);
        graph = made;
        if (source != null) {
            worker.add(setup.instruments.source(Instruments.RECEIVE, source), made.entrance(Wiring.COALESCE));
        }
        for (Port port : setup.devices.ports()) {
            worker.add(slots.get(port.id()), made.entrance(Wiring.entrance(topology, port)));
        }
    }

    Worker worker() {
        return worker;
    }

    DropCounters drops() {
        return drops;
    }

    Assembler.Graph graph() {
        if (graph == null) {
            throw new IllegalStateException("not assembled");
        }
        return graph;
    }

    List<MemoryDestination> destinations() {
        return destinations;
    }

    /** The longest sleep of the worker without a wake-up. */
    long nanosUntilDue() {
        return source == null ? Long.MAX_VALUE : source.nanosUntilDue();
    }

    /** Datagrams that its source has given. */
    long sent() {
        return source == null ? 0 : source.sent();
    }

    /** Datagrams that found its source's ring full. */
    long lost() {
        return source == null ? 0 : source.lost();
    }

    /** Datagrams that arrived at this worker's destinations. */
    long delivered() {
        long sum = 0;
        for (MemoryDestination destination : destinations) {
            sum += destination.delivered();
        }
        return sum;
    }

    /** Frees the memory; the threads of all workers have ended. */
    @Override
    public void close() {
        if (source != null) {
            source.close();
        }
        pool.close();
    }
}
