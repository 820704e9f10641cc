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
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One worker and what is its own: pool, counters, graph, source and destinations, as in the gateway. */
final class Lane implements AutoCloseable {
    private final PacketPool pool;
    private final DropCounters drops = new DropCounters();
    private final Worker worker;
    private final MemorySource source;
    private final List<MemoryDestination> destinations = new ArrayList<>();
    private final List<EndpointSlot> slots = new ArrayList<>();
    private final Map<String, Sink> terminals = new HashMap<>();
    private final Setup setup;
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
        source = new MemorySource(pool, setup.devices.tunnelPort(), setup.traffic, setup.order.get(), setup.pace.get());
    }

    /** Makes the graph; before the worker starts. */
    void assemble(Crew crew, Topology topology) {
        Topology.WorkerScope scope = new Topology.WorkerScope(worker.id(), pool, drops);
        Assembler.Graph made = new Assembler(crew, scope, terminals, (stage, fault) -> {
                    throw fault;
                })
                .assemble(topology);
        graph = made;
        worker.add(setup.instruments.source(Instruments.RECEIVE, source), made.entrance(Wiring.COALESCE));
        for (Port port : setup.devices.ports()) {
            worker.add(slots.get(port.id()), made.entrance(Wiring.entrance(topology, port)));
        }
    }

    Worker worker() {
        return worker;
    }

    MemorySource source() {
        return source;
    }

    DropCounters drops() {
        return drops;
    }

    Assembler.Graph graph() {
        return Objects.requireNonNull(graph, "not assembled");
    }

    List<MemoryDestination> destinations() {
        return destinations;
    }

    /** Datagrams that arrived at this worker's destinations. */
    long delivered() {
        long sum = 0;
        for (MemoryDestination destination : destinations) {
            sum += destination.delivered();
        }
        return sum;
    }

    /** Frees the memory; the worker's thread has ended. */
    @Override
    public void close() {
        source.close();
        pool.close();
    }
}
