package dev.peregrine.overlay;

import dev.peregrine.dataplane.device.bridge.Bridge;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.offload.Coalescer;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.schedule.Topology.WorkerScope;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.vxlan.Vtep;
import dev.peregrine.vxlan.VxlanHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

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

    /** The terminal of numbers that no port has; nothing is sent there. */
    static final String NOWHERE = "nowhere";

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

    private static String in(Port port) {
        return device(port) + ".in";
    }

    private static String out(Port port) {
        return device(port) + ".out";
    }

    private static String lookup(Port port) {
        return device(port) + ".lookup";
    }

    /** Whether a stage belongs to the flow cache, not to the chain. */
    public static boolean isOfFlowCache(String address) {
        return address.equals(RECORD) || address.endsWith(".lookup");
    }

    /** Where frames of a port enter a graph. */
    public static String entrance(Topology topology, Port port) {
        return topology.stage(lookup(port)) != null ? lookup(port) : in(port);
    }

    /** The address of the chain's last stage for an egress port. */
    public static String lastStage(List<Port> ports, int port) {
        if (Ports.isTunnel(port)) {
            return ENCAP;
        }
        for (Port local : ports) {
            if (local.id() == port) {
                return out(local);
            }
        }
        throw new IllegalArgumentException("there is no port " + port);
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
     * Joins the devices.
     *
     * @param fromWire whether all datagrams that the kernel merged came from a wire, see {@link Coalescer}
     * @param received where each worker counts the VXLAN datagrams that came in, by its number
     * @param fastPaths the flow caches to put around the chain; null for the chain alone
     */
    public static Topology topology(
            VirtualDevices devices, boolean fromWire, IntFunction<Counters> received, @Nullable FastPaths fastPaths) {
        BiFunction<WorkerScope, Sink, Sink> coalescer = (scope, next) -> new Coalescer(
                devices.vtep()::segments, true, fromWire, scope.drops(), received.apply(scope.worker()), next);
        if (fastPaths == null) {
            return chain(devices, UNDERLAY, Wiring::endpoint).receiver("underlay", "coalesce", coalescer, DECAP);
        }
        Topology topology = chain(devices, RECORD, port -> RECORD).receiver("underlay", "coalesce", coalescer, LOOKUP);
        addFastPaths(topology, devices.ports(), fastPaths);
        return topology;
    }

    private static void addFastPaths(Topology topology, List<Port> ports, FastPaths fastPaths) {
        List<String> terminals = exits(ports, UNDERLAY, Wiring::endpoint);
        topology.everywhere(FLOW)
                .stage(
                        FLOW,
                        "record",
                        worker -> fastPaths.of(worker.worker()).recorder(),
                        terminals.toArray(String[]::new))
                .stage(
                        "underlay",
                        "lookup",
                        worker -> fastPaths.of(worker.worker()).lookup(LOOKUP, VxlanHeader.LENGTH, Packet.NO_PORT),
                        RECORD,
                        DECAP);
        for (Port port : ports) {
            topology.stage(
                    device(port),
                    "lookup",
                    worker -> fastPaths.of(worker.worker()).lookup(lookup(port), 0, port.id()),
                    RECORD,
                    in(port));
        }
    }

    /** The devices, and what they lead to at the end: {@code tunnel} for datagrams, {@code local} for frames of a port. */
    private static Topology chain(VirtualDevices devices, String tunnel, Function<Port, String> local) {
        Vtep vtep = devices.vtep();
        Policy policy = devices.policy();
        Bridge bridge = devices.bridge();
        boolean suppresses = bridge.neighbours().isUsed();
        Topology topology = new Topology()
                .stack(POLICY, "bridge")
                .stage("vtep", "decap", worker -> vtep.decap(), POLICY + ".in")
                .stage(POLICY, "in", worker -> policy.inFromTunnel(worker.worker()), LEARN)
                .stage("bridge", "learn", worker -> bridge.learn(), suppresses ? NEIGHBOURS : FORWARD)
                .floodingStage("bridge", "forward", worker -> bridge.forward(), bridge, List.of(MTU))
                .stage(
                        "bridge",
                        "mtu",
                        worker -> bridge.mtu(),
                        bridgeExits(devices.ports()).toArray(String[]::new))
                .stage(POLICY, "out", worker -> policy.outToTunnel(worker.worker()), ENCAP)
                .stage("vtep", "encap", worker -> vtep.encap(), tunnel);
        if (suppresses) {
            topology.stage("bridge", "neighbours", worker -> bridge.suppressNeighbours(), FORWARD, MTU);
        }
        for (Port port : devices.ports()) {
            topology.stage(device(port), "in", worker -> port.in(), policy(port) + ".in")
                    .stage(policy(port), "in", worker -> policy.in(worker.worker(), port), LEARN)
                    .stage(policy(port), "out", worker -> policy.out(worker.worker(), port), out(port))
                    .stage(device(port), "out", worker -> port.out(), local.apply(port));
        }
        return topology;
    }

    /** The exits, numbered as by {@link Bridge#exitTo}. */
    private static List<String> bridgeExits(List<Port> ports) {
        return exits(ports, POLICY + ".out", port -> policy(port) + ".out");
    }

    /** An exit to the tunnel, and at 1 + p one to local port p. */
    private static List<String> exits(List<Port> ports, String tunnel, Function<Port, String> local) {
        List<String> exits = new ArrayList<>(List.of(tunnel));
        for (Port port : ports) {
            while (exits.size() < Bridge.exitTo(port.id())) {
                exits.add(NOWHERE);
            }
            exits.add(local.apply(port));
        }
        return exits;
    }
}
