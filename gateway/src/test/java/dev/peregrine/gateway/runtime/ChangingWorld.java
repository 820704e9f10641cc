package dev.peregrine.gateway.runtime;

import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.gateway.config.Budget;
import dev.peregrine.gateway.config.Room;
import dev.peregrine.gateway.config.change.Difference;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.controlplane.ConfiguredPlanes;
import dev.peregrine.gateway.controlplane.ControlPlanes;
import dev.peregrine.gateway.drops.DropTotals;
import dev.peregrine.gateway.drops.KernelLosses;
import dev.peregrine.gateway.policy.PolicyControl;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.port.LocalPorts;
import dev.peregrine.gateway.port.PortMaker;
import dev.peregrine.gateway.port.PortWatch;
import dev.peregrine.gateway.port.Segments;
import dev.peregrine.gateway.port.Tables;
import dev.peregrine.gateway.underlay.UnderlayInterface;
import dev.peregrine.gateway.worker.FaultLog;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.Segment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/** The tables, ports and policies that changes are made to, without workers; and what is in them, as sorted lines. */
final class ChangingWorld {
    private static final int DEFAULT_MTU = 1450;

    private final GatewayConfig initial;
    private final Segments segments;
    private final LocalPorts ports;
    private final Tables tables;
    private final UnsureGraphs graphs;
    private final PolicyControl policies;
    private final Changes changes;
    private GatewayConfig config;

    ChangingWorld(GatewayConfig wanted) throws IOException {
        initial = wanted.withVnis(List.of());
        Budget budget = new Budget(initial, 2);
        Room room = Room.left();
        segments = new Segments(budget.vniPlaces());
        ports = new LocalPorts(budget.portPlaces());
        tables = new Tables(initial, segments, budget, () -> {});
        graphs = new UnsureGraphs(tables.bridge());
        policies = new PolicyControl(initial, tables.fdb(), 2, graphs::awaitGrace);
        DropTotals totals = new DropTotals(
                List.of(),
                ports.present(),
                new KernelLosses(initial.underlay(), new UnderlayInterface(initial.underlay())));
        PortMaker maker = new PortMaker(false, () -> new LocalPort.Means(List.of(), tables, _ -> {}));
        PortWatch watch = new PortWatch(ports.list(), new FaultLog(), Runnable::run, () -> {});
        PortChanges portChanges =
                new PortChanges(segments, tables, ports, maker, policies, graphs, watch, totals, () -> {});
        changes = new Changes(
                segments,
                tables,
                ports,
                portChanges,
                policies,
                graphs,
                room,
                new ConfiguredPlanes(ChangingWorld::noPlanes),
                () -> {});
        config = initial;
        initial.underlay().vteps().forEach(vtep -> tables.vteps().configure(IpAddress.of(vtep)));
        follow(wanted);
    }

    UnsureGraphs graphs() {
        return graphs;
    }

    /** The configuration that it says it has. */
    GatewayConfig config() {
        return config;
    }

    /** Follows a configuration; as far as that fails, {@link #config} says. */
    void follow(GatewayConfig wanted) throws IOException {
        Map<Integer, Integer> mtus = new HashMap<>();
        wanted.vnis().forEach(vni -> mtus.put(vni.vni(), vni.mtu().orElse(DEFAULT_MTU)));
        changes.apply(config, Difference.between(config, wanted), mtus, made -> config = made);
    }

    /** Does what was left, as is done now and then. */
    void finish() throws IOException {
        changes.finish();
        if (changes.isUnfinished()) throw new AssertionError("something is left");
    }

    /** All that is in the tables, by names: numbers may differ. */
    List<String> contents() {
        List<String> lines = new ArrayList<>();
        for (Segment segment : segments.all()) {
            describe(segment, lines);
        }
        tables.fdb()
                .forEach((segment, mac, port, kind, seen) ->
                        lines.add("fdb %d %s %s %s".formatted(vni(segment), new MacAddress(mac), name(port), kind)));
        tables.bridge()
                .neighbours()
                .forEach((segment, high, low, mac, origin, isDoubted, seen) ->
                        lines.add("neighbour %d %x %x %s".formatted(vni(segment), high, low, new MacAddress(mac))));
        for (RemoteVtep vtep : tables.vteps().list()) {
            if (vtep.isConfigured()) {
                lines.add(
                        "vtep " + vtep.address() + " allowed " + tables.vteps().isAllowed(vtep));
            }
        }
        boolean suppresses = config.vnis().stream().anyMatch(VniConfig::suppressNeighbours);
        lines.add("graphs " + graphs.ports() + " lacking a stage " + (suppresses && graphs.isIncomplete()));
        lines.add("ports present " + ports.present().size() + ", numbers " + numbers());
        lines.add("policies " + policies());
        lines.add("settings " + tables.vtep().settings());
        return lines.stream().sorted().toList();
    }

    private void describe(Segment segment, List<String> lines) {
        int index = segment.index();
        VniConfig vni = config.vni(segment.vni()).orElseThrow();
        boolean isOpen = tables.vtep().segments().contains(index);
        lines.add("vni %d mtu %d open %s ageing %s"
                .formatted(
                        segment.vni(),
                        segment.mtu(),
                        isOpen,
                        segments.config(index).ageing()));
        TreeSet<String> members = new TreeSet<>();
        for (int i = 0; i < tables.bridge().groups().size(index); i++) {
            members.add(name(tables.bridge().groups().port(index, i)));
        }
        lines.add("flood " + segment.vni() + " " + members);
        lines.add("policy " + segment.vni() + " "
                + policies.now(vni.vni(), null, vni.policy()).equals(vni.policy()) + " "
                + (policies.policy().snapshot().segment(index) != null));
        for (LocalPort port : ports.list()) {
            if (port.port().segment() == index) {
                PortConfig its = port.config();
                lines.add("port " + segment.vni() + " " + its.name() + " " + port.state() + " mtu "
                        + port.port().mtu() + " policy "
                        + (policies.policy().snapshot().port(port.port().id()) != null));
            }
        }
    }

    /** Numbers that are taken, found by taking the others. */
    private int numbers() {
        List<Integer> free = new ArrayList<>();
        try {
            while (true) {
                free.add(ports.takeNumber());
            }
        } catch (IllegalStateException all) {
            free.forEach(ports::freeNumber);
            return ports.bound() - free.size();
        }
    }

    /** How many policies the workers apply, those of numbers included that nobody has. */
    private int policies() {
        int count = 0;
        for (int port = 0; port < ports.bound(); port++) {
            count += policies.policy().snapshot().port(port) == null ? 0 : 1;
        }
        for (int segment = 0; segment < segments.bound(); segment++) {
            count += policies.policy().snapshot().segment(segment) == null ? 0 : 1;
        }
        return count;
    }

    private int vni(int segment) {
        return segments.get(segment).vni();
    }

    private String name(int port) {
        return Ports.isTunnel(port)
                ? Objects.requireNonNull(tables.vteps().behind(port)).address().toString()
                : ports.name(port);
    }

    private static ControlPlanes noPlanes() {
        throw new AssertionError("no configuration here has control planes");
    }
}
