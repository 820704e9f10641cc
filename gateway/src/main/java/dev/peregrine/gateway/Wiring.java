package dev.peregrine.gateway;

import dev.peregrine.dataplane.device.Bridge;
import dev.peregrine.dataplane.device.Port;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.vxlan.Vtep;
import java.util.ArrayList;
import java.util.List;

/**
 * The graph that every packet walks, both ways:
 *
 * <pre>
 *   port:NAME.in ─► policy:NAME.in ─┐                                               ┌─► policy:NAME.out ─► port:NAME.out ─► endpoint:NAME
 *                                   ├─► bridge.learn ─► bridge.forward ─► bridge.mtu ┤
 *   vtep.decap ───► policy.in ──────┘                                               └─► policy.out ──────► vtep.encap ────► underlay
 * </pre>
 *
 * <p>A policy stage without rules is passed by without a call. Where a VNI suppresses ARP and neighbour discovery,
 * {@code bridge.neighbours} stands behind {@code bridge.learn}; what it answers goes to {@code bridge.mtu}.
 */
public final class Wiring {
    /** Where datagrams enter. */
    public static final String DECAP = "vtep.decap";

    /** The terminal that takes datagrams. */
    public static final String UNDERLAY = "underlay";

    private static final String LEARN = "bridge.learn";
    private static final String FORWARD = "bridge.forward";
    private static final String NEIGHBOURS = "bridge.neighbours";
    private static final String MTU = "bridge.mtu";
    private static final String ENCAP = "vtep.encap";
    private static final String POLICY = "policy";

    private Wiring() {}

    /** Where frames of a port enter. */
    public static String in(Port port) {
        return device(port) + ".in";
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

    /** Joins the devices; the ports in the order of their numbers. */
    public static Topology topology(Vtep vtep, Policy policy, Bridge bridge, List<Port> ports) {
        boolean suppresses = bridge.neighbours().isUsed();
        Topology topology = new Topology()
                .stage("vtep", "decap", worker -> vtep.decap(), POLICY + ".in")
                .stage(POLICY, "in", worker -> policy.inFromTunnel(worker.worker()), LEARN)
                .stage("bridge", "learn", worker -> bridge.learn(), suppresses ? NEIGHBOURS : FORWARD)
                .floodingStage("bridge", "forward", worker -> bridge.forward(), bridge, List.of(MTU))
                .stage("bridge", "mtu", worker -> bridge.mtu(), bridgeExits(ports))
                .stage(POLICY, "out", worker -> policy.outToTunnel(worker.worker()), ENCAP)
                .stage("vtep", "encap", worker -> vtep.encap(), UNDERLAY);
        if (suppresses) {
            topology.stage("bridge", "neighbours", worker -> bridge.suppressNeighbours(), FORWARD, MTU);
        }
        for (Port port : ports) {
            topology.stage(device(port), "in", worker -> port.in(), policy(port) + ".in")
                    .stage(policy(port), "in", worker -> policy.in(worker.worker(), port), LEARN)
                    .stage(policy(port), "out", worker -> policy.out(worker.worker(), port), device(port) + ".out")
                    .stage(device(port), "out", worker -> port.out(), endpoint(port));
        }
        return topology;
    }

    /** The exits as {@link Bridge#exitTo} numbers them. */
    private static String[] bridgeExits(List<Port> ports) {
        List<String> exits = new ArrayList<>();
        exits.add(Bridge.TUNNEL_EXIT, POLICY + ".out");
        for (Port port : ports) {
            exits.add(policy(port) + ".out");
        }
        return exits.toArray(String[]::new);
    }
}
