package dev.peregrine.bench.chain;

import dev.peregrine.dataplane.device.Port;
import dev.peregrine.dataplane.endpoint.EndpointSlot;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.offload.Coalescer;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.schedule.Assembler;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.schedule.Worker;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.fastpath.FastPath;
import dev.peregrine.gateway.Wiring;
import dev.peregrine.vxlan.VxlanHeader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One worker and what is its own: pool, counters, graph, source and destinations, as in the gateway. */
final class Lane implements AutoCloseable {
    private final PacketPool pool;
    private final DropCounters drops = new DropCounters();
    private final Counters received = new Counters();
    private final Worker worker;
    private final MemorySource source;
    private final List<MemoryDestination> destinations = new ArrayList<>();
    private final Assembler.Graph graph;

    Lane(int id, Setup setup, Topology topology, MemoryDestination.Witness witness, @Nullable FastPath flows) {
        pool = new PacketPool(setup.buffers, setup.buffers * setup.traffic.datagrams());
        worker = new Worker(id, System::nanoTime);
        worker.beforeBatch(() -> {
            if (flows != null) {
                flows.takeEpoch();
            }
            setup.devices.policy().refresh(id);
        });
        Map<String, Sink> terminals = new HashMap<>();
        terminals.put(Wiring.UNDERLAY, batch -> batch.release());
        List<EndpointSlot> slots = new ArrayList<>();
        for (Port port : setup.devices.ports()) {
            MemoryDestination destination = new MemoryDestination(witness);
            EndpointSlot slot = new EndpointSlot(drops);
            slot.attach(destination);
            destinations.add(destination);
            slots.add(slot);
            terminals.put(Wiring.endpoint(port), setup.instruments.sink(Wiring.endpoint(port), slot));
        }
        graph = Assembler.assemble(
                topology, setup.schedule, new Topology.WorkerScope(id, pool, drops), terminals, (stage, fault) -> {
                    throw fault;
                });
        source = new MemorySource(pool, setup.devices.tunnelPort(), setup.traffic, setup.order.get(), setup.pace.get());
        worker.add(
                setup.instruments.source(Instruments.RECEIVE, source),
                setup.instruments.sink(Instruments.COALESCE, coalescer(setup, topology)));
        for (Port port : setup.devices.ports()) {
            worker.add(slots.get(port.id()), graph.node(Wiring.entrance(topology, port)));
        }
    }

    private Coalescer coalescer(Setup setup, Topology topology) {
        return new Coalescer(
                VxlanHeader.LENGTH,
                EthernetHeader.LENGTH + Devices.MTU,
                true,
                pool,
                drops,
                received,
                setup.instruments.sink(Wiring.DECAP, graph.node(Wiring.entrance(topology))));
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
        return graph;
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
