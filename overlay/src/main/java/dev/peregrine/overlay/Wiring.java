package dev.peregrine.overlay;

import dev.peregrine.dataplane.device.bridge.Bridge;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.offload.Coalescer;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.schedule.Topology.Address;
import dev.peregrine.dataplane.schedule.Topology.Exit;
import dev.peregrine.dataplane.schedule.Topology.Kind;
import dev.peregrine.dataplane.schedule.Topology.Terminal;
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
    /** The kind of device that each local port is. */
    public static final Kind PORT = new Kind("port");

    private static final Kind VTEP = new Kind("vtep");
    private static final Kind BRIDGE = new Kind("bridge");
    private static final Kind POLICY = new Kind("policy");
    private static final Kind TUNNEL = new Kind("underlay");

    /** The kind of the flow cache's own device. */
    private static final Kind FLOW = new Kind("flow");

    private static final String LOOKUP = "lookup";
    private static final Address COALESCER = TUNNEL.at("coalesce");
    private static final Address TUNNEL_LOOKUP = TUNNEL.at(LOOKUP);
    private static final Address DECAPSULATION = VTEP.at("decap");
    private static final Address LEARN = BRIDGE.at("learn");
    private static final Address NEIGHBOURS = BRIDGE.at("neighbours");
    private static final Address FORWARD = BRIDGE.at("forward");
    private static final Address MTU = BRIDGE.at("mtu");
    private static final Address ENCAP = VTEP.at("encap");
    private static final Address RECORD = FLOW.at("record");

    /** Where datagrams enter. */
    public static final String COALESCE = COALESCER.toString();

    /** Where datagrams enter the chain. */
    public static final String DECAP = DECAPSULATION.toString();

    /** The terminal that takes datagrams. */
    public static final String UNDERLAY = "underlay";

    /** The terminal of numbers that no port has; nothing is sent there. */
    static final String NOWHERE = "nowhere";

    private Wiring() {}

    private static Address in(Port port) {
        return PORT.at(port.name(), "in");
    }

    private static Address out(Port port) {
        return PORT.at(port.name(), "out");
    }

    private static Address lookup(Port port) {
        return PORT.at(port.name(), LOOKUP);
    }

    private static Address policyIn(Port port) {
        return POLICY.at(port.name(), "in");
    }

    private static Address policyOut(Port port) {
        return POLICY.at(port.name(), "out");
    }

    /** Whether a stage belongs to the flow cache, not to the chain. */
    public static boolean isOfFlowCache(String address) {
        return address.equals(RECORD.toString()) || address.endsWith("." + LOOKUP);
    }

    /** Where frames of a port enter a graph. */
    public static String entrance(Topology topology, Port port) {
        String lookup = lookup(port).toString();
        return topology.stage(lookup) != null ? lookup : in(port).toString();
    }

    /** The address of the chain's last stage for an egress port. */
    public static String lastStage(List<Port> ports, int port) {
        if (Ports.isTunnel(port)) {
            return ENCAP.toString();
        }
        for (Port local : ports) {
            if (local.id() == port) {
                return out(local).toString();
            }
        }
        throw new IllegalArgumentException("there is no port " + port);
    }

    /** The terminal that takes frames for a port. */
    public static String endpoint(Port port) {
        return "endpoint:" + port.name();
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
            return chain(devices, new Terminal(UNDERLAY), port -> new Terminal(endpoint(port)))
                    .receiver(COALESCER, coalescer, DECAPSULATION);
        }
        Topology topology = chain(devices, RECORD, port -> RECORD).receiver(COALESCER, coalescer, TUNNEL_LOOKUP);
        addFastPaths(topology, devices.ports(), fastPaths);
        return topology;
    }

    private static void addFastPaths(Topology topology, List<Port> ports, FastPaths fastPaths) {
        Exit[] terminals = exits(ports, new Terminal(UNDERLAY), port -> new Terminal(endpoint(port)));
        topology.everywhere(FLOW)
                .stage(RECORD, worker -> fastPaths.of(worker.worker()).recorder(), terminals);
        addLookup(topology, fastPaths, TUNNEL_LOOKUP, VxlanHeader.LENGTH, Packet.NO_PORT, DECAPSULATION);
        for (Port port : ports) {
            addLookup(topology, fastPaths, lookup(port), 0, port.id(), in(port));
        }
    }

    private static void addLookup(
            Topology topology, FastPaths fastPaths, Address at, int headerLength, int port, Address miss) {
        topology.stage(at, worker -> fastPaths.of(worker.worker()).lookup(headerLength, port), RECORD, miss);
    }

    /**
     * The devices, and where they lead to at the end: {@code tunnel} for datagrams, {@code local} for frames of a port.
     */
    private static Topology chain(VirtualDevices devices, Exit tunnel, Function<Port, Exit> local) {
        Vtep vtep = devices.vtep();
        Policy policy = devices.policy();
        Bridge bridge = devices.bridge();
        boolean suppresses = bridge.neighbours().isUsed();
        Topology topology = new Topology()
                .stack(POLICY, BRIDGE)
                .stage(DECAPSULATION, worker -> vtep.decap(), POLICY.at("in"))
                .stage(POLICY.at("in"), worker -> policy.inFromTunnel(worker.worker()), LEARN)
                .stage(LEARN, worker -> bridge.learn(), suppresses ? NEIGHBOURS : FORWARD)
                .floodingStage(FORWARD, worker -> bridge.forward(), bridge, List.of(MTU))
                .stage(MTU, worker -> bridge.mtu(), exits(devices.ports(), POLICY.at("out"), Wiring::policyOut))
                .stage(POLICY.at("out"), worker -> policy.outToTunnel(worker.worker()), ENCAP)
                .stage(ENCAP, worker -> vtep.encap(), tunnel);
        if (suppresses) {
            topology.stage(NEIGHBOURS, worker -> bridge.suppressNeighbours(), FORWARD, MTU);
        }
        for (Port port : devices.ports()) {
            topology.stage(in(port), worker -> port.in(), policyIn(port))
                    .stage(policyIn(port), worker -> policy.in(worker.worker(), port), LEARN)
                    .stage(policyOut(port), worker -> policy.out(worker.worker(), port), out(port))
                    .stage(out(port), worker -> port.out(), local.apply(port));
        }
        return topology;
    }

    /** An exit to the tunnel, and one to each local port, numbered as by {@link Bridge#exitTo}. */
    private static Exit[] exits(List<Port> ports, Exit tunnel, Function<Port, Exit> local) {
        List<Exit> exits = new ArrayList<>(List.of(tunnel));
        for (Port port : ports) {
            while (exits.size() < Bridge.exitTo(port.id())) {
                exits.add(new Terminal(NOWHERE));
            }
            exits.add(local.apply(port));
        }
        return exits.toArray(Exit[]::new);
    }
}
