package dev.peregrine.gateway.runtime;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.config.Budget;
import dev.peregrine.gateway.config.Room;
import dev.peregrine.gateway.config.change.Action;
import dev.peregrine.gateway.config.model.FdbEntryConfig;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.model.policy.AddressSetConfig;
import dev.peregrine.gateway.config.model.policy.PolicyConfig;
import dev.peregrine.gateway.controlplane.ConfiguredPlanes;
import dev.peregrine.gateway.policy.PolicyControl;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.port.LocalPorts;
import dev.peregrine.gateway.port.Segments;
import dev.peregrine.gateway.port.Tables;
import dev.peregrine.vxlan.AllowList;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies actions to the tables, ports, policies and graphs of a running gateway. Belongs to the control thread.
 *
 * <p>An addition is complete before a frame can reach it; a removal is out of every table, and a grace period has
 * passed, before its device, its number or its memory is given back.
 */
final class Changes {
    private static final Logger log = LoggerFactory.getLogger(Changes.class);

    private final Segments segments;
    private final Tables tables;
    private final LocalPorts ports;
    private final PortChanges portChanges;
    private final PolicyControl policies;
    private final Graphs graphs;
    private final Room room;
    private final ConfiguredPlanes planes;
    private final Runnable progress;
    private final UnnamedVteps unnamed;
    private final List<Leaving> leaving = new ArrayList<>();

    /** Tunnel ports of VTEPs that are accepted no longer, while entries that were learned from them may be there. */
    private final Set<Integer> refused = new HashSet<>();

    /** A VNI that datagrams are refused of, while packets may still be in it. */
    private record Leaving(int segment, PolicyControl.@Nullable Scope scope) {}

    /** @param progress is run when a change has come a step further */
    Changes(
            Segments segments,
            Tables tables,
            LocalPorts ports,
            PortChanges portChanges,
            PolicyControl policies,
            Graphs graphs,
            Room room,
            ConfiguredPlanes planes,
            Runnable progress) {
        this.segments = segments;
        this.tables = tables;
        this.ports = ports;
        this.portChanges = portChanges;
        this.policies = policies;
        this.graphs = graphs;
        this.room = room;
        this.planes = planes;
        this.progress = progress;
        unnamed = new UnnamedVteps(tables);
    }

    /**
     * Applies actions in their order; when this returns, no packet follows what was before.
     *
     * <p>If it fails, the steps that {@code made} was told of are made, and no other: the next call may make the rest,
     * or take them back. It first finishes what these have left, as {@link #finish} does.
     *
     * @param mtus of all VNIs after the actions, by VNI
     * @param made is told the configuration so far, after each step
     * @throws IOException when a worker does not answer
     */
    void apply(GatewayConfig config, List<Action> actions, Map<Integer, Integer> mtus, Consumer<GatewayConfig> made)
            throws IOException {
        finish();
        Set<RemoteVtep> accepted = accepted();
        GatewayConfig now = config;
        makeRoom(actions, config);
        try {
            for (int i = 0; i < actions.size(); ) {
                List<Action> together = together(actions, i);
                GatewayConfig next = now;
                for (Action action : together) {
                    next = action.applyTo(next);
                }
                apply(together, next, mtus);
                now = next;
                made.accept(now);
                progress.run();
                finish();
                i += together.size();
            }
        } finally {
            policies.keepSets();
            follow(now);
            planes.follow(now);
            unnamed.unconfigure(tables.vteps().list(), now);
            noteRefused(accepted);
        }
        finish();
        graphs.awaitGrace();
    }

    /** Whether an earlier change has left something for {@link #finish}. */
    boolean isUnfinished() {
        return policies.isUnsettled() || portChanges.isUnfinished() || !leaving.isEmpty() || !refused.isEmpty();
    }

    /**
     * Does what made changes have left: what has gone is taken down when workers have confirmed that they know it no
     * longer.
     *
     * @throws IOException when a worker does not answer; what is left then is for the next call
     */
    void finish() throws IOException {
        if (policies.isUnsettled()) {
            policies.settle();
        }
        portChanges.finish();
        if (leaving.isEmpty() && refused.isEmpty()) return;
        graphs.awaitGrace();
        tables.bridge().applyLearns(System.nanoTime());
        tables.fdb().removeIf((segment, mac, port, kind, seen) -> kind.isLearned() && refused.contains(port));
        refused.clear();
        for (Leaving gone : List.copyOf(leaving)) {
            if (gone.scope() != null) {
                policies.forget(gone.scope());
            }
            tables.forgetSegment(gone.segment());
            leaving.remove(gone);
        }
    }

    /** Actions that are made in one step, which costs no more than one of them. */
    private static List<Action> together(List<Action> actions, int from) {
        int to = from + 1;
        Class<?> kind = kind(actions.get(from));
        while (kind != Action.class && to < actions.size() && kind(actions.get(to)) == kind) {
            to++;
        }
        return actions.subList(from, to);
    }

    private static Class<?> kind(Action action) {
        return switch (action) {
            case Action.AddPort add -> add.getClass();
            case Action.RemovePort remove -> remove.getClass();
            case Action.RemoveVni remove -> remove.getClass();
            case Action.SetPolicy policy -> policy.getClass();
            case Action.SetAddressSets _ -> Action.SetPolicy.class;
            default -> Action.class;
        };
    }

    private void apply(List<Action> together, GatewayConfig now, Map<Integer, Integer> mtus) throws IOException {
        switch (together.getFirst()) {
            case Action.AddPort _ -> addPorts(together, now);
            case Action.RemovePort _ ->
                portChanges.remove(together.stream()
                        .map(Action.RemovePort.class::cast)
                        .map(remove ->
                                Objects.requireNonNull(ports.named(remove.port().name())))
                        .toList());
            case Action.SetPolicy _ -> changePolicies(together, now.addressSets());
            case Action.SetAddressSets _ -> changePolicies(together, now.addressSets());
            case Action.AddVni add ->
                addVni(add.vni(), Objects.requireNonNull(mtus.get(add.vni().vni())));
            case Action.RemoveVni _ -> together.forEach(action -> removeVni(((Action.RemoveVni) action).vni()));
            case Action.SetVni set ->
                setVni(
                        set.before(),
                        set.after(),
                        Objects.requireNonNull(mtus.get(set.after().vni())));
            case Action.AddFlood add -> tables.joinFlood(segment(add.vni()), tunnelTo(add.vtep()));
            case Action.RemoveFlood remove -> tables.leaveFlood(segment(remove.vni()), tunnelTo(remove.vtep()));
            case Action.SetEntry set -> setEntry(segment(set.vni()), set.entry());
            case Action.RemoveEntry remove -> removeEntry(segment(remove.vni()), remove.entry());
            case Action.SetNeighbour set -> tables.set(segment(set.vni()), set.neighbour());
            case Action.RemoveNeighbour remove -> tables.remove(segment(remove.vni()), remove.neighbour());
            case Action.SetVteps set -> set.after().forEach(this::tunnelTo);
            case Action.SetAllow set ->
                tables.vteps().allow(set.after().map(AllowList::of).orElse(AllowList.CONFIGURED));
            case Action.SetTunnel set -> tables.vtep().settings(set.after());
            case Action.SetSchedule set -> graphs.schedule(set.after());
            case Action.SetFastpath set -> graphs.caching(set.enabled(), set.shadow());
            case Action.SetControl _ -> {} // followed at the end of all steps
            case Action.NeedRestart _ -> {}
        }
    }

    private void addPorts(List<Action> together, GatewayConfig now) throws IOException {
        follow(now);
        portChanges.add(together.stream()
                .map(Action.AddPort.class::cast)
                .map(add -> new PortChanges.Coming(segment(add.vni()), add.vni(), add.port()))
                .toList());
        follow(now);
    }

    private int segment(int vni) {
        return segments.indexOf(vni).orElseThrow();
    }

    // ---- VNIs -------------------------------------------------------------------------------------------------

    private void addVni(VniConfig vni, int mtu) throws IOException {
        int segment = tables.prepareSegment(vni, mtu);
        try {
            complete();
            policies.addVni(vni, segment);
        } catch (IOException | RuntimeException failure) {
            policies.withdrawVni(vni.vni());
            tables.closeSegment(segment);
            tables.forgetSegment(segment); // no packet was ever in it
            throw failure;
        }
        tables.openSegment(segment);
    }

    private void removeVni(int vni) {
        planes.leave(vni);
        int segment = segment(vni);
        tables.closeSegment(segment);
        leaving.add(new Leaving(segment, policies.withdrawVni(vni)));
    }

    /** First what can fail: the stage that these settings may want. */
    private void setVni(VniConfig before, VniConfig vni, int mtu) throws IOException {
        int segment = segment(vni.vni());
        tables.neighbours(segment, vni);
        try {
            complete();
        } catch (IOException | RuntimeException failure) {
            tables.neighbours(segment, before);
            throw failure;
        }
        if (segments.get(segment).mtu() != mtu) {
            segments.mtu(segment, mtu);
            for (LocalPort port : ports.list()) {
                if (port.port().segment() == segment) {
                    follow(port, mtu);
                }
            }
        }
        tables.set(segment, vni);
        tables.publishMtus();
    }

    private static void follow(LocalPort port, int mtu) {
        try {
            port.mtu(mtu);
        } catch (LinuxException e) {
            log.warn("the device of port {} keeps its MTU: {}", port.port().name(), e.getMessage());
        }
    }

    private void complete() throws IOException {
        if (graphs.isIncomplete()) {
            graphs.rebuild(ports.devicePorts());
        }
    }

    // ---- entries ----------------------------------------------------------------------------------------------

    /** The tunnel port of a VTEP that the configuration names. */
    private int tunnelTo(InetAddress remote) {
        RemoteVtep entry = tables.vteps().configure(IpAddress.of(remote));
        return Objects.requireNonNull(entry, "no place for a VTEP, though there was one")
                .port();
    }

    private int portOf(FdbEntryConfig entry) {
        return entry.vtep().isPresent()
                ? tunnelTo(entry.vtep().get())
                : Objects.requireNonNull(ports.named(entry.port().orElseThrow()))
                        .port()
                        .id();
    }

    private void setEntry(int segment, FdbEntryConfig entry) {
        if (!tables.fdb().add(segment, entry.mac().value(), portOf(entry), true, System.nanoTime())) {
            log.warn("the FDB is full: the static entry of {} is not made", entry.mac());
        }
    }

    /** An entry that leads elsewhere by now is somebody else's. That of a port's own MAC stays, or comes back. */
    private void removeEntry(int segment, FdbEntryConfig entry) {
        boolean isGone = entry.port().isPresent() && ports.named(entry.port().get()) == null;
        OptionalInt port = tables.fdb().staticPort(segment, entry.mac().value());
        if (isGone || port.isEmpty() || port.getAsInt() != portOf(entry)) return;
        LocalPort owner = ports.owner(segment, entry.mac());
        if (owner != null) {
            owner.takeBack(entry.mac());
        } else {
            tables.fdb().delete(segment, entry.mac().value());
        }
    }

    // ---- policies ---------------------------------------------------------------------------------------------

    private void changePolicies(List<Action> actions, List<AddressSetConfig> sets) {
        Map<PolicyControl.Scope, PolicyConfig> changed = new LinkedHashMap<>();
        for (Action action : actions) {
            if (action instanceof Action.SetPolicy set) {
                changed.put(policies.scope(set.vni(), set.port()), set.after().orElse(PolicyConfig.NONE));
            }
        }
        policies.change(sets, changed);
    }

    // ---- what follows from all of it --------------------------------------------------------------------------

    /** Notes the configuration of each VNI, and divides the tables again. */
    private void follow(GatewayConfig now) {
        for (VniConfig vni : now.vnis()) {
            segments.indexOf(vni.vni()).ifPresent(index -> segments.config(index, vni));
        }
        Budget budget = new Budget(now, graphs.count());
        int capacity = budget.fdbCapacity(room);
        tables.divide(capacity, budget.fdbShare(capacity), ports.list());
    }

    private void makeRoom(List<Action> actions, GatewayConfig config) {
        GatewayConfig end = config;
        for (Action action : actions) {
            end = action.applyTo(end);
        }
        int capacity = new Budget(end, graphs.count()).fdbCapacity(room);
        tables.fdb().limits().capacity(Math.max(capacity, tables.fdb().limits().capacity()));
    }

    private Set<RemoteVtep> accepted() {
        VtepTable vteps = tables.vteps();
        Set<RemoteVtep> accepted = new HashSet<>(vteps.list());
        accepted.removeIf(vtep -> !vteps.isAllowed(vtep));
        return accepted;
    }

    /** Nothing more is to be sent to hosts behind VTEPs that nothing is accepted from any more. */
    private void noteRefused(Set<RemoteVtep> acceptedBefore) {
        for (RemoteVtep vtep : acceptedBefore) {
            if (!tables.vteps().isAllowed(vtep)) {
                refused.add(vtep.port());
            }
        }
    }
}
