package dev.peregrine.gateway;

import dev.peregrine.dataplane.device.Bridge;
import dev.peregrine.dataplane.device.Port;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.schedule.Topology.WorkerScope;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.fastpath.FastPath;
import dev.peregrine.vxlan.Vtep;
import dev.peregrine.vxlan.VxlanHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * The graph that every packet walks, both ways:
 *
 * <pre>
 *   port:NAME.in ─► policy:NAME.in ─┐                                               ┌─► policy:NAME.out ─► port:NAME.out ─► endpoint:NAME
 *                                   ├─► bridge.learn ─► bridge.forward ─► bridge.mtu ┤
 *   vtep.decap ───► policy.in ──────┘                                               └─► policy.out ──────► vtep.encap ────► underlay
 *     ▲
 *   underlay.coalesce
 * </pre>
 *
 * <p>Nodes skip a policy stage without rules; policy always runs where the bridge does. Where a VNI suppresses ARP and
 * neighbour discovery, {@code bridge.neighbours} stands behind {@code bridge.learn}; its answers go to {@code
 * bridge.mtu}.
 *
 * <p>With a flow cache, {@code port:NAME.lookup} and {@code underlay.lookup} stand in front of the chain and {@code
 * flow.record} behind it, to which the look-ups send the packets of known flows. A look-up runs on the worker that
 * received the packet, the record on the worker where the packet reaches it.
 */
public final class Wiring {
    /** Where datagrams enter. */
    public static final String COALESCE = "underlay.coalesce";

    /** Where datagrams enter the chain. */
    public static final String DECAP = "vtep.decap";

    /** The terminal that takes datagrams. */
    public static final String UNDERLAY = "underlay";

    private static final String LEARN = "bridge.learn";
    private static final String FORWARD = "bridge.forward";
    private static final String NEIGHBOURS = "bridge.neighbours";
    private static final String MTU = "bridge.mtu";
    private static final String ENCAP = "vtep.encap";
    private static final String POLICY = "policy";
    private static final String LOOKUP = "underlay.lookup";
    private static final String FLOW = "flow";
    private static final String RECORD = FLOW + ".record";

    private Wiring() {}

    /** Where frames of a port enter the chain. */
    public static String in(Port port) {
        return device(port) + ".in";
    }

    private static String out(Port port) {
        return device(port) + ".out";
    }

    private static String lookup(Port port) {
        return device(port) + ".lookup";
    }

    /** Whether a graph has a flow cache. */
    private static boolean hasFlowCache(Topology topology) {
        return topology.stage(LOOKUP) != null;
    }

    /** The stage that datagrams enter after coalescing. */
    public static String chain(Topology topology) {
        return hasFlowCache(topology) ? LOOKUP : DECAP;
    }

    /** Where frames of a port enter a graph. */
    public static String entrance(Topology topology, Port port) {
        return topology.stage(lookup(port)) != null ? lookup(port) : in(port);
    }

    /** The address of the chain's last stage for an egress port. */
    public static String lastStage(List<Port> ports, int port) {
        return Ports.isTunnel(port) ? ENCAP : out(ports.get(port));
    }

    /** The terminal that takes frames for a port. */
    public static String endpoint(Port port) {
        return "endpoint:" + port.name();
    }

    private static String device(Port port) {
        return "port:" + port.name();
    }

    private static String policy(Port port) {
        return POLICY + ":" + port.name();
    }

    /**
     * Joins the devices, without a flow cache.
     *
     * @param coalescer makes a worker's coalescer in front of the next sink
     * @param ports in the order of their numbers
     */
    public static Topology topology(
            BiFunction<WorkerScope, Sink, Sink> coalescer, Vtep vtep, Policy policy, Bridge bridge, List<Port> ports) {
        return chain(vtep, policy, bridge, ports, UNDERLAY, Wiring::endpoint)
                .receiver("underlay", "coalesce", coalescer, DECAP);
    }

    /** The same with a flow cache; {@code fastPaths} gives a worker's own by its number. */
    public static Topology topology(
            BiFunction<WorkerScope, Sink, Sink> coalescer,
            Vtep vtep,
            Policy policy,
            Bridge bridge,
            List<Port> ports,
            IntFunction<FastPath> fastPaths) {
        List<String> terminals = new ArrayList<>(List.of(UNDERLAY));
        ports.forEach(port -> terminals.add(endpoint(port)));
        Topology topology = chain(vtep, policy, bridge, ports, RECORD, port -> RECORD)
                .receiver("underlay", "coalesce", coalescer, LOOKUP)
                .everywhere(FLOW)
                .stage(
                        FLOW,
                        "record",
                        worker -> fastPaths.apply(worker.worker()).recorder(),
                        terminals.toArray(String[]::new))
                .stage(
                        "underlay",
                        "lookup",
                        worker -> fastPaths.apply(worker.worker()).lookup(LOOKUP, VxlanHeader.LENGTH, Packet.NO_PORT),
                        RECORD,
                        DECAP);
        for (Port port : ports) {
            topology.stage(
                    device(port),
                    "lookup",
                    worker -> fastPaths.apply(worker.worker()).lookup(lookup(port), 0, port.id()),
                    RECORD,
                    in(port));
        }
        return topology;
    }

    /** The devices, and their last sinks: {@code tunnel} for datagrams, {@code local} for frames of a port. */
    private static Topology chain(
            Vtep vtep, Policy policy, Bridge bridge, List<Port> ports, String tunnel, Function<Port, String> local) {
        boolean suppresses = bridge.neighbours().isUsed();
        Topology topology = new Topology()
                .stack(POLICY, "bridge")
                .stage("vtep", "decap", worker -> vtep.decap(), POLICY + ".in")
                .stage(POLICY, "in", worker -> policy.inFromTunnel(worker.worker()), LEARN)
                .stage("bridge", "learn", worker -> bridge.learn(), suppresses ? NEIGHBOURS : FORWARD)
                .floodingStage("bridge", "forward", worker -> bridge.forward(), bridge, List.of(MTU))
                .stage("bridge", "mtu", worker -> bridge.mtu(), bridgeExits(ports))
                .stage(POLICY, "out", worker -> policy.outToTunnel(worker.worker()), ENCAP)
                .stage("vtep", "encap", worker -> vtep.encap(), tunnel);
        if (suppresses) {
            topology.stage("bridge", "neighbours", worker -> bridge.suppressNeighbours(), FORWARD, MTU);
        }
        for (Port port : ports) {
            topology.stage(device(port), "in", worker -> port.in(), policy(port) + ".in")
                    .stage(policy(port), "in", worker -> policy.in(worker.worker(), port), LEARN)
                    .stage(policy(port), "out", worker -> policy.out(worker.worker(), port), device(port) + ".out")
                    .stage(device(port), "out", worker -> port.out(), local.apply(port));
        }
        return topology;
    }

    /** The exits, numbered as by {@link Bridge#exitTo}. */
    private static String[] bridgeExits(List<Port> ports) {
        List<String> exits = new ArrayList<>();
        exits.add(Bridge.TUNNEL_EXIT, POLICY + ".out");
        for (Port port : ports) {
            exits.add(policy(port) + ".out");
        }
        return exits.toArray(String[]::new);
    }
}
