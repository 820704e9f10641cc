package dev.peregrine.gateway.tier;

import dev.peregrine.dataplane.bpf.Attachment.Place;
import dev.peregrine.dataplane.bpf.Hook;
import dev.peregrine.dataplane.bpf.LoadedProgram;
import dev.peregrine.dataplane.bpf.Program;
import dev.peregrine.dataplane.bpf.TcxLink;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.fastpath.FlowOffer;
import dev.peregrine.fastpath.kernel.HelperProgram;
import dev.peregrine.fastpath.kernel.PortProgram;
import dev.peregrine.fastpath.kernel.TunnelEnd;
import dev.peregrine.fastpath.kernel.UnderlayProgram;
import dev.peregrine.fastpath.kernel.table.KernelDecision;
import dev.peregrine.fastpath.kernel.table.KernelFlow;
import dev.peregrine.fastpath.kernel.table.KernelFlows;
import dev.peregrine.fastpath.kernel.table.KernelTables;
import dev.peregrine.fastpath.kernel.table.Outcome;
import dev.peregrine.fastpath.view.FlowEntry;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.port.VethPort;
import dev.peregrine.gateway.tier.Admission.Candidate;
import dev.peregrine.gateway.worker.EventLoopLane;
import dev.peregrine.vxlan.RemoteVtep;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The tier while it is on: programs at interfaces, their tables, and the flows in them.
 *
 * <pre>
 *   worker: FlowOffers ──► install ──► programs ──► counts ──► worker: TierFlow.fold
 *   worker: OrderBook ───────────────────┘ packets that were left to it have left
 *   Epoch.Mirror ────────────────────────┘ decisions have ended
 * </pre>
 *
 * <p>Programs are attached by descriptors, so that they end with the process, however it ends.
 */
final class Attachment implements AutoCloseable {
    /** The most flows: some 10 MB of tables. */
    private static final int FLOWS = 1 << 14;

    /** Programs read a clock that ticks, in the worst case, 100 times a second. */
    private static final long CLOCK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final TierMeans means;
    private final TunnelEnd end;
    private final int device;
    private final KernelTables tables;
    private final KernelFlows flows;
    private final Graces graces;
    private final Settling settling;
    private @Nullable TcxLink atUnderlay;
    private @Nullable TcxLink atHelper;
    private final WorkerEnds workers;
    private final PortPrograms ports;
    private final StateLeases leases;
    private final Admission admission;
    private final IdentityHashMap<KernelFlow, TierFlow> sinks = new IdentityHashMap<>();
    private final KnownVteps vteps;
    private long packets;

    /** By {@link Outcome#index}; null until the tables are given up. */
    private long @Nullable [] atEnd;

    private Attachment(
            TierMeans means, TunnelEnd end, int device, KernelTables tables, KernelFlows flows, Graces graces) {
        this.means = means;
        this.end = end;
        this.device = device;
        this.tables = tables;
        this.flows = flows;
        this.graces = graces;
        settling = new Settling(tables, flows, means.lanes(), graces);
        leases = new StateLeases(means.stateWords().states());
        vteps = new KnownVteps(means.vteps(), tables);
        workers = new WorkerEnds(means.lanes());
        ports = new PortPrograms(means, workers, graces);
        admission = new Admission(means, end.canEncapsulate(), ports::hasProgram);
    }

    /** Attaches programs at the underlay's interface; on failure nothing is left behind. */
    static Attachment attach(TierMeans means, TunnelEnd end, int device, Executor control) throws IOException {
        KernelTables tables = means.tables(FLOWS);
        Attachment made;
        try {
            KernelFlows flows = new KernelFlows(tables, FLOWS);
            made = new Attachment(
                    means, end, device, tables, flows, new Graces(flows::confirm, control, means.faults()));
        } catch (LinuxException e) {
            tables.close();
            throw e;
        }
        try {
            made.begin();
            return made;
        } catch (IOException | RuntimeException e) {
            made.close();
            throw e;
        }
    }

    private void begin() throws IOException {
        HelperDevice helper = means.helper().device();
        means.fastPaths().epoch().mirror(tables::changed);
        workers.join(tables, means.portPlaces(), helper != null);
        if (helper != null) {
            try (LoadedProgram loaded = LoadedProgram.load(HelperProgram.of(tables, end))) {
                atHelper = TcxLink.attach(loaded, helper.index(), Hook.INGRESS, Place.FIRST);
            }
        }
        Program program = helper == null ? UnderlayProgram.of(tables, end) : UnderlayProgram.withHelper(tables, end);
        try (LoadedProgram loaded = LoadedProgram.load(program)) {
            TcxLink toSockets = helper == null ? null : helper.toSockets();
            atUnderlay = toSockets == null
                    ? TcxLink.attach(loaded, device, Hook.INGRESS, Place.LAST)
                    : TcxLink.attachBefore(loaded, device, Hook.INGRESS, toSockets);
        }
        if (end.canEncapsulate()) {
            ports.load(PortProgram.of(tables, end));
        }
        ports.follow();
        graces.after(workers::countDatagrams);
    }

    /** Attaches the program at ports that have come up, and forgets those that have gone. */
    void followPorts() {
        ports.follow();
    }

    /** Whether it is what is wanted now. */
    boolean is(TunnelEnd wanted, int index) {
        return end.equals(wanted) && device == index;
    }

    // ---- flows ------------------------------------------------------------------------------------------------------

    /** Takes what workers offer, and lets flows pass that wait under overload. */
    void take() {
        workers.take((lane, offer) -> means.faults().run("giving flows to the kernel", () -> install(lane, offer)));
        settling.turn(System.nanoTime());
    }

    private void install(EventLoopLane lane, FlowOffer offer) {
        try {
            if (admission.obstacle(Candidate.of(offer)) != null) {
                return;
            }
            int ingress = ingress(offer.inPort());
            if (!flows.isInstalled(offer.key(), ingress, offer.since(), offer.stateSeen())) {
                KernelDecision decision = Ports.isTunnel(offer.inPort()) ? toPort(offer) : toTunnel(lane, offer);
                install(lane, offer, ingress, decision);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** As {@link KernelFlows#install} has it, of a flow that is admitted. */
    private int ingress(int inPort) {
        return Ports.isTunnel(inPort) ? inPort : ports.hostEnd(inPort);
    }

    private void install(EventLoopLane lane, FlowOffer offer, int ingress, @Nullable KernelDecision decision)
            throws LinuxException {
        if (decision == null) {
            return;
        }
        TierFlow sink = new TierFlow(lane, offer);
        KernelFlow flow = flows.install(offer.key(), ingress, leases.complete(decision, offer, sink), sink);
        if (flow != null) {
            sinks.put(flow, sink);
        }
    }

    /** Keeps states alive whose packets pass in the kernel, and ends the flows whose state has changed. */
    void renewStates() throws LinuxException {
        leases.renew(flows, sinks);
    }

    /** Whether a flow is in the kernel, and why not. */
    FlowTier where(FlowEntry entry) {
        if (!entry.current()) {
            return FlowTier.inGateway("tables have changed");
        }
        String obstacle = admission.obstacle(Candidate.of(entry));
        if (obstacle != null) {
            return FlowTier.inGateway(obstacle);
        }
        KernelFlow flow = flows.find(entry.key(), ingress(entry.inPort()));
        TierFlow sink = flow == null ? null : sinks.get(flow);
        if (flow == null || sink == null) {
            return FlowTier.inGateway(flows.size() == FLOWS ? "no place is free" : Admission.missing(entry));
        }
        long used = flows.usedNanos(flow);
        boolean waits = entry.usedNanos() - used > CLOCK_NANOS;
        return new FlowTier(true, sink.packets(), used, waits ? "packets before it are in the gateway" : null);
    }

    /** The flows that programs know. */
    List<Known> known() {
        return sinks.values().stream()
                .map(flow -> new Known(flow.lane(), flow.shown()))
                .toList();
    }

    /** The decision as the program at the underlay repeats it; null where it cannot. */
    private @Nullable KernelDecision toPort(FlowOffer offer) throws LinuxException {
        for (LocalPort port : means.ports()) {
            if (port.port().id() == offer.outPort() && port instanceof VethPort veth) {
                OptionalInt exit = veth.hostEnd();
                return exit.isPresent() && vteps.knows(offer.inPort())
                        ? KernelDecision.toPort(offer.since(), offer.segment(), exit.getAsInt(), offer.limit())
                        : null;
            }
        }
        return null;
    }

    /** The decision as the program at a port repeats it; null where it cannot. */
    private @Nullable KernelDecision toTunnel(EventLoopLane lane, FlowOffer offer) throws IOException {
        RemoteVtep vtep = means.vteps().behind(offer.outPort());
        if (vtep == null) {
            return null;
        }
        int sourcePort = lane.underlay().sourcePort(offer.flowHash(), vtep);
        int vni = means.segments().get(offer.segment()).vni();
        return sourcePort == 0
                ? null
                : KernelDecision.toTunnel(
                                offer.since(),
                                offer.segment(),
                                device,
                                offer.limit(),
                                vni,
                                vtep.address().toInetAddress())
                        .from(sourcePort);
    }

    /** Has programs forget the VTEPs that have gone, or are not allowed any more. */
    void checkVteps() throws LinuxException {
        vteps.check();
    }

    /** Has workers count what went in the kernel since the last call. */
    void collect() {
        flows.collect();
        Map<EventLoopLane, List<Runnable>> folds = new HashMap<>();
        for (TierFlow flow : sinks.values()) {
            Runnable fold = flow.fold();
            if (fold != null) {
                folds.computeIfAbsent(flow.lane(), _ -> new ArrayList<>()).add(fold);
            }
        }
        folds.forEach((lane, tasks) -> lane.execute(() -> tasks.forEach(Runnable::run)));
    }

    /** Frees the flows that have no packets any more; once a second. */
    void sweep(long nowNanos) throws LinuxException {
        flows.sweep(nowNanos, IDLE_NANOS);
        List<KernelFlow> gone = flows.takeKilled();
        if (!gone.isEmpty()) {
            graces.after(() -> free(gone));
        }
        settling.writeOffLosses(nowNanos);
    }

    private void free(List<KernelFlow> gone) {
        flows.free(gone);
        collect();
        for (KernelFlow flow : gone) {
            TierFlow sink = sinks.remove(flow);
            packets += sink == null ? 0 : sink.packets();
        }
    }

    /** Returns when no packet follows a decision that has ended. */
    void confirm() throws LinuxException {
        vteps.check();
        if (!sinks.isEmpty()) {
            flows.confirm();
        }
    }

    int flows() {
        return flows.size();
    }

    /** Wire packets that programs left to the gateway, or dropped. */
    long count(Outcome outcome) {
        return atEnd == null ? tables.count(outcome) : atEnd[outcome.index()];
    }

    /** Wire packets that went in the kernel. */
    long packets() {
        return packets + sinks.values().stream().mapToLong(TierFlow::packets).sum();
    }

    /** Ends the programs, counts the last packets, and gives the tables up. */
    @Override
    public void close() {
        if (atUnderlay != null) {
            atUnderlay.close();
        }
        ports.close();
        means.fastPaths().epoch().mirror(null);
        graces.close();
        try {
            flows.killAll();
            flows.confirm(); // from now on nothing is on its way to the helper device either
            flows.free(List.copyOf(sinks.keySet()));
            collect();
            settling.count();
        } catch (LinuxException e) {
            throw new IllegalStateException(e.getMessage(), e);
        } finally {
            if (atHelper != null) {
                atHelper.close();
            }
            flows.close();
            atEnd = Arrays.stream(Outcome.values()).mapToLong(tables::count).toArray();
            if (workers.leave()) {
                tables.close();
            }
        }
    }
}
