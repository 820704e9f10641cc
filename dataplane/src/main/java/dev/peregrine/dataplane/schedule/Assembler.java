package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.schedule.Topology.StageSpec;
import dev.peregrine.dataplane.schedule.Topology.WorkerScope;
import dev.peregrine.dataplane.stage.Node;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Stage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** Instantiates a {@link Topology} for one worker under a {@link Schedule}. */
public final class Assembler {
    private final Topology topology;
    private final Schedule schedule;
    private final WorkerScope scope;
    private final Map<String, Sink> terminals;
    private final BiConsumer<Stage, RuntimeException> faults;
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Set<String> underway = new HashSet<>();

    /** One worker's instance of the graph. */
    public record Graph(Map<String, Node> nodes, List<StageSpec> stages) {
        /** The node of the stage with an address. */
        public Node node(String address) {
            Node node = nodes.get(address);
            if (node == null) {
                throw new IllegalArgumentException("no stage " + address);
            }
            return node;
        }
    }

    private Assembler(
            Topology topology,
            Schedule schedule,
            WorkerScope scope,
            Map<String, Sink> terminals,
            BiConsumer<Stage, RuntimeException> faults) {
        this.topology = topology;
        this.schedule = schedule;
        this.scope = scope;
        this.terminals = terminals;
        this.faults = faults;
    }

    /**
     * Builds one worker's nodes and joins them.
     *
     * @param terminals the worker's sinks behind the graph, by name
     * @param faults told when a stage throws
     * @throws IllegalArgumentException when an exit leads nowhere or the graph has a cycle
     */
    public static Graph assemble(
            Topology topology,
            Schedule schedule,
            WorkerScope scope,
            Map<String, Sink> terminals,
            BiConsumer<Stage, RuntimeException> faults) {
        Assembler assembler = new Assembler(topology, schedule, scope, terminals, faults);
        for (StageSpec spec : topology.stages()) {
            assembler.node(spec);
        }
        return new Graph(assembler.nodes, topology.stages());
    }

    private Node node(StageSpec spec) {
        Node made = nodes.get(spec.address());
        if (made != null) {
            return made;
        }
        if (!underway.add(spec.address())) {
            throw new IllegalArgumentException("the graph has a cycle through " + spec.address());
        }
        List<Sink> exits = new ArrayList<>();
        for (String exit : spec.exits()) {
            exits.add(exit(spec, exit));
        }
        Stage stage = spec.factory().apply(scope);
        Node node = new Node(stage, exits.toArray(Sink[]::new), spec.replication(), scope.drops(), faults);
        nodes.put(spec.address(), node);
        return node;
    }

    private Sink exit(StageSpec from, String name) {
        Sink terminal = terminals.get(name);
        if (terminal != null) {
            return terminal;
        }
        StageSpec to = topology.stage(name);
        if (to == null) {
            throw new IllegalArgumentException(
                    "an exit of " + from.address() + " leads to " + name + ", which is neither a stage nor a terminal");
        }
        return from.device().equals(to.device()) ? node(to) : join(node(to));
    }

    /** What stands between two devices. */
    private Sink join(Node next) {
        return switch (schedule) {
            case Schedule.RunToCompletion() -> next;
        };
    }
}
