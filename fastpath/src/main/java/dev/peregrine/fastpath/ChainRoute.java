package dev.peregrine.fastpath;

import dev.peregrine.dataplane.schedule.Assembler.Graph;
import dev.peregrine.dataplane.schedule.OrderGuard;
import dev.peregrine.dataplane.schedule.Topology.Exit;
import dev.peregrine.dataplane.schedule.Topology.StageSpec;
import dev.peregrine.dataplane.stage.Node;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A worker's graph as the worker's {@link FastPath} needs it: finds which nodes a packet passes between a look-up and
 * the last stage of the chain. Any thread may make it while the worker carries packets by another graph.
 */
public final class ChainRoute {
    private final Graph graph;
    private final IntFunction<String> lastStage;
    private final Map<String, StageSpec> specs = new HashMap<>();
    private final Map<String, Node> lookups = new LinkedHashMap<>();
    private final Set<Node> nodes = Collections.newSetFromMap(new IdentityHashMap<>());
    private final long common;

    /**
     * The routes of a graph.
     *
     * @param lastStage gives the address of the chain's last stage for an egress port
     */
    public ChainRoute(Graph graph, IntFunction<String> lastStage) {
        this.graph = graph;
        this.lastStage = lastStage;
        graph.stages().forEach(spec -> specs.put(spec.address(), spec));
        graph.nodes().forEach((address, node) -> {
            nodes.add(node);
            if (node.ownStage() instanceof FlowLookup) {
                lookups.put(address, node);
            }
        });
        common = graph.nodes().keySet().stream()
                .filter(address -> address.indexOf(':') < 0)
                .count();
    }

    /** Keeps the order where packets of a batch settle later; null where a batch settles at once. */
    @Nullable
    OrderGuard guard() {
        return graph.guard();
    }

    /** The nodes of all look-ups, by address. */
    Map<String, Node> lookups() {
        return lookups;
    }

    /** All nodes, compared by identity. */
    Set<Node> nodes() {
        return nodes;
    }

    /** Number of nodes that are of no port: where these change, the way of every flow does. */
    long common() {
        return common;
    }

    /** All nodes behind the look-up's second exit, up to the last stage for an egress port. */
    Node[] skipped(String lookup, int port) {
        return addresses(lookup, port).stream().map(graph::node).toArray(Node[]::new);
    }

    /** The addresses of these nodes. */
    List<String> addresses(String lookup, int port) {
        StageSpec from = specs.get(lookup);
        String to = lastStage.apply(port);
        List<String> way = new ArrayList<>();
        if (from == null || !find(from.exits().get(FlowLookup.WALK).toString(), to, way, new HashSet<>())) {
            throw new IllegalArgumentException("no way leads from " + lookup + " to " + to);
        }
        return way;
    }

    private boolean find(String at, String to, List<String> way, Set<String> visited) {
        StageSpec spec = specs.get(at);
        if (spec == null || !visited.add(at)) {
            return false;
        }
        way.add(at);
        if (at.equals(to)) {
            return true;
        }
        for (Exit exit : spec.exits()) {
            if (find(exit.toString(), to, way, visited)) {
                return true;
            }
        }
        way.removeLast();
        return false;
    }
}
