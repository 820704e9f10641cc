package dev.peregrine.testkit;

import dev.peregrine.dataplane.device.Port;
import dev.peregrine.dataplane.endpoint.EndpointSlot;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.schedule.Assembler;
import dev.peregrine.dataplane.schedule.Crew;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.schedule.Worker;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.stage.FaultListener;
import dev.peregrine.dataplane.stage.Node;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;
import dev.peregrine.fastpath.FastPath;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.VtepTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** One worker of a {@link MemoryGateway} with its own parts. */
final class MemoryLane implements AutoCloseable {
    private final int id;
    private final Worker worker;
    private final PacketPool pool;
    private final DropCounters drops = new DropCounters();
    private final Counters received = new Counters();
    private final MemoryUnderlay underlay;
    private final @Nullable FastPath fastPath;
    private final List<EndpointSlot> slots = new ArrayList<>();
    private final Map<String, Sink> terminals = new HashMap<>();
    private final Map<String, Worker.Input> inputs = new HashMap<>();
    private @Nullable Assembler assembler;
    private Assembler.@Nullable Graph graph;

    /** A lane without ports. */
    MemoryLane(
            int id,
            GatewayShape shape,
            MemoryNetwork network,
            IpAddress address,
            VtepTable vteps,
            LongSupplier clock,
            Policy policy,
            @Nullable FastPath fastPath) {
        this.id = id;
        this.fastPath = fastPath;
        worker = new Worker(id, clock);
        pool = new PacketPool(id, shape.workers(), shape.buffers(), 2 * shape.buffers());
        underlay = new MemoryUnderlay(network, address, vteps, pool, drops, shape.queue(), shape.gro());
        terminals.put(MemoryDevices.UNDERLAY, underlay);
        worker.beforeBatch(() -> {
            if (fastPath != null) {
                fastPath.takeEpoch();
            }
            policy.refresh(id);
        });
    }

    /** Makes the slot of a port; ports come in the order of their numbers. */
    EndpointSlot addSlot(Port port) {
        EndpointSlot slot = new EndpointSlot(drops);
        slots.add(slot);
        terminals.put(MemoryDevices.endpoint(port), slot);
        return slot;
    }

    /** Makes the graph, or makes it again under another schedule. */
    void assemble(Topology topology, Crew crew, MemoryDevices devices, FaultListener faults) {
        if (assembler == null) {
            assembler = new Assembler(crew, new Topology.WorkerScope(id, pool, drops), terminals, faults);
        }
        if (fastPath != null) {
            fastPath.settle();
        }
        Assembler.Graph made = assembler.assemble(topology);
        if (fastPath != null && MemoryDevices.hasFlowCache(topology)) {
            fastPath.join(made, devices::lastStage);
        }
        graph = made;
        enter(MemoryDevices.UNDERLAY, underlay, made.entrance(MemoryDevices.COALESCE));
        for (Port port : devices.ports()) {
            enter(port.name(), slots.get(port.id()), made.entrance(MemoryDevices.entrance(topology, port)));
        }
    }

    private void enter(String from, Source source, Sink entrance) {
        inputs.computeIfAbsent(from, key -> worker.add(source, entrance)).lead(entrance);
    }

    Worker worker() {
        return worker;
    }

    PacketPool pool() {
        return pool;
    }

    DropCounters drops() {
        return drops;
    }

    /** The counters of the coalescer. */
    Counters received() {
        return received;
    }

    MemoryUnderlay underlay() {
        return underlay;
    }

    EndpointSlot slot(int port) {
        return slots.get(port);
    }

    @Nullable
    FastPath fastPath() {
        return fastPath;
    }

    Assembler.Graph graph() {
        return Objects.requireNonNull(graph, "not assembled");
    }

    /** A count of all nodes together. */
    long sum(ToLongFunction<Counters> count) {
        return graph().nodes().values().stream()
                .map(Node::counters)
                .mapToLong(count)
                .sum();
    }

    @Override
    public void close() {
        underlay.close();
        if (fastPath != null) {
            fastPath.close();
        }
        pool.close();
    }
}
