package dev.peregrine.testkit;

import dev.peregrine.dataplane.device.Bridge;
import dev.peregrine.dataplane.device.Port;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.schedule.Topology.WorkerScope;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.fastpath.FastPath;
import dev.peregrine.vxlan.Vtep;
import dev.peregrine.vxlan.VxlanHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/**
 * The devices of a {@link MemoryGateway}, joined as in the gateway.
 *
 * @param stages what to put in place of a stage; most often the stage itself
 * @param coalescer makes a worker's coalescer
 */
record MemoryDevices(
        Vtep vtep,
        Policy policy,
        Bridge bridge,
        List<Port> ports,
        UnaryOperator<Stage> stages,
        BiFunction<WorkerScope, Sink, Sink> coalescer) {
    /** The terminal that takes datagrams. */
    static final String UNDERLAY = "underlay";

    /** Where datagrams enter. */
    static final String COALESCE = "underlay.coalesce";

    private static final String RECORD = "flow.record";
    private static final String LOOKUP = "underlay.lookup";

    /** The terminal that takes frames for a port. */
    static String endpoint(Port port) {
        return "endpoint:" + port.name();
    }

    private static String device(Port port) {
        return "port:" + port.name();
    }

    private static String lookup(Port port) {
        return device(port) + ".lookup";
    }

    /** Where frames of a port enter. */
    static String entrance(Topology topology, Port port) {
        return hasFlowCache(topology) ? lookup(port) : device(port) + ".in";
    }

    static boolean hasFlowCache(Topology topology) {
        return topology.stage(LOOKUP) != null;
    }

    /** The address of the chain's last stage for an egress port. */
    String lastStage(int port) {
        return Ports.isTunnel(port) ? "vtep.encap" : device(ports.get(port)) + ".out";
    }

    /** The chain alone. */
    Topology chain() {
        return chain("vtep.decap", false);
    }

    /** The chain with a flow cache; {@code fastPaths} gives a worker's own. */
    Topology cached(IntFunction<FastPath> fastPaths) {
        List<String> ends = new ArrayList<>(List.of(UNDERLAY));
        ports.forEach(port -> ends.add(endpoint(port)));
        Topology topology = chain(LOOKUP, true)
                .everywhere("flow")
                .stage(
                        "flow",
                        "record",
                        scope -> fastPaths.apply(scope.worker()).recorder(),
                        ends.toArray(String[]::new))
                .stage(
                        "underlay",
                        "lookup",
                        scope -> fastPaths.apply(scope.worker()).lookup(LOOKUP, VxlanHeader.LENGTH, Packet.NO_PORT),
                        RECORD,
                        "vtep.decap");
        for (Port port : ports) {
            topology.stage(
                    device(port),
                    "lookup",
                    scope -> fastPaths.apply(scope.worker()).lookup(lookup(port), 0, port.id()),
                    RECORD,
                    device(port) + ".in");
        }
        return topology;
    }

    private Topology chain(String first, boolean recorded) {
        List<String> exits = new ArrayList<>(List.of("policy.out"));
        ports.forEach(port -> exits.add("policy:" + port.name() + ".out"));
        Topology topology = new Topology()
                .stack("policy", "bridge")
                .receiver("underlay", "coalesce", coalescer, first)
                .stage("vtep", "decap", scope -> stages.apply(vtep.decap()), "policy.in")
                .stage("policy", "in", scope -> stages.apply(policy.inFromTunnel(scope.worker())), "bridge.learn")
                .stage("bridge", "learn", scope -> stages.apply(bridge.learn()), "bridge.neighbours")
                .stage(
                        "bridge",
                        "neighbours",
                        scope -> stages.apply(bridge.suppressNeighbours()),
                        "bridge.forward",
                        "bridge.mtu")
                .floodingStage(
                        "bridge", "forward", scope -> stages.apply(bridge.forward()), bridge, List.of("bridge.mtu"))
                .stage("bridge", "mtu", scope -> stages.apply(bridge.mtu()), exits.toArray(String[]::new))
                .stage("policy", "out", scope -> stages.apply(policy.outToTunnel(scope.worker())), "vtep.encap")
                .stage("vtep", "encap", scope -> stages.apply(vtep.encap()), recorded ? RECORD : UNDERLAY);
        for (Port port : ports) {
            String rules = "policy:" + port.name();
            topology.stage(device(port), "in", scope -> stages.apply(port.in()), rules + ".in")
                    .stage(rules, "in", scope -> stages.apply(policy.in(scope.worker(), port)), "bridge.learn")
                    .stage(rules, "out", scope -> stages.apply(policy.out(scope.worker(), port)), device(port) + ".out")
                    .stage(device(port), "out", scope -> stages.apply(port.out()), recorded ? RECORD : endpoint(port));
        }
        return topology;
    }
}
