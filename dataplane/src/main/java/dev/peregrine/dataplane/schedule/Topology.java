package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.stage.Node;
import dev.peregrine.dataplane.stage.Stage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The graph of devices, described once and instantiated for every worker by {@link Assembler}.
 *
 * <p>A stage is addressed as {@code device.stage}; an exit leads to such an address or to a terminal, a name that the
 * worker binds to a sink of its own (an endpoint, the underlay). The graph has no cycles.
 */
public final class Topology {
    private final Map<String, StageSpec> stages = new LinkedHashMap<>();

    /** What a stage is made from: the parts that each worker has for itself. */
    public record WorkerScope(int worker, PacketPool pool, DropCounters drops) {}

    /**
     * One stage of the graph.
     *
     * @param device the device that it belongs to
     * @param name its name within the device
     * @param factory makes one worker's instance
     * @param exits where each exit leads
     * @param replication who receives floods; null for a stage that never floods
     */
    public record StageSpec(
            String device,
            String name,
            Function<WorkerScope, Stage> factory,
            List<String> exits,
            Node.@Nullable Replication replication) {
        /** {@code device.stage}. */
        public String address() {
            return device + "." + name;
        }
    }

    /** Adds a stage. */
    public Topology stage(String device, String name, Function<WorkerScope, Stage> factory, String... exits) {
        return add(new StageSpec(device, name, factory, List.of(exits), null));
    }

    /** Adds a stage whose verdicts may be floods. */
    public Topology floodingStage(
            String device,
            String name,
            Function<WorkerScope, Stage> factory,
            Node.Replication replication,
            List<String> exits) {
        return add(new StageSpec(device, name, factory, List.copyOf(exits), replication));
    }

    private Topology add(StageSpec spec) {
        if (stages.putIfAbsent(spec.address(), spec) != null) {
            throw new IllegalArgumentException("two stages are called " + spec.address());
        }
        return this;
    }

    /** The stages in the order in which they were added. */
    public List<StageSpec> stages() {
        return new ArrayList<>(stages.values());
    }

    /** The stage with an address, or null. */
    public @Nullable StageSpec stage(String address) {
        return stages.get(address);
    }
}
