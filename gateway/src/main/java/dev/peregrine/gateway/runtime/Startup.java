package dev.peregrine.gateway.runtime;

import dev.peregrine.gateway.config.change.Difference;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.controlplane.ConfiguredPlanes;
import dev.peregrine.gateway.policy.PolicyLog;
import dev.peregrine.gateway.port.PortMaker;
import dev.peregrine.gateway.port.Tables;
import dev.peregrine.gateway.tier.HelperChoice;
import dev.peregrine.gateway.tier.KernelTier;
import dev.peregrine.gateway.tier.TierMeans;
import dev.peregrine.gateway.underlay.NetworkEvents;
import dev.peregrine.gateway.underlay.PathMtuWatch;
import dev.peregrine.gateway.underlay.SegmentMtus;
import dev.peregrine.gateway.underlay.UnderlayWatch;
import dev.peregrine.gateway.worker.EventLoopLane;
import dev.peregrine.overlay.VirtualDevices;
import dev.peregrine.vxlan.AllowList;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.underlay.socket.UnderlayPort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a gateway comes up: sockets, lanes, what watches the network, the VNIs of the file, the tier in the kernel, and
 * the housekeeping. It has what is there only from then on. On the control thread.
 */
final class Startup {
    private final OverlayGateway gateway;
    private final GatewayConfig initial;
    private final Tables tables;
    private final Shutdown shutdown;
    private final Optional<Path> file;
    private final int[] cpus;
    private final Map<Integer, Integer> mtus;
    private final PortMaker maker;

    /** Null until they have come up. */
    @Nullable
    UnderlayWatch underlay;

    @Nullable
    Workers workers;

    @Nullable
    Reload reload;

    @Nullable
    KernelTier tier;

    @Nullable
    Housekeeping housekeeping;

    /**
     * Nothing has come up.
     *
     * @param file of the configuration; empty where it has none
     * @param cpus of the workers
     * @param mtus of the VNIs
     */
    Startup(OverlayGateway gateway, Optional<Path> file, int[] cpus, Map<Integer, Integer> mtus, PortMaker maker) {
        this.gateway = gateway;
        initial = gateway.initial;
        tables = gateway.tables;
        shutdown = gateway.shutdown;
        this.file = file;
        this.cpus = cpus;
        this.mtus = mtus;
        this.maker = maker;
    }

    /** Brings all up. Where that fails, {@link Shutdown} has the steps that take down what had come up. */
    void run() throws IOException {
        shutdown.add("words of flow states", gateway.policies.stateWords()::close);
        initial.underlay().allow().ifPresent(networks -> tables.vteps().allow(AllowList.of(networks)));
        UnderlayPort socket = UnderlayPort.claim(initial.underlay().settings(), tables.vteps(), cpus.length);
        shutdown.add("sockets", socket::close);
        HelperChoice helper = HelperChoice.begin(initial, gateway.underlayInterface);
        shutdown.add("helper device", helper::close);
        helper.redirect().ifPresent(socket::redirected);
        Workers made = makeWorkers();
        workers = made;
        NetworkEvents events = NetworkEvents.begin(gateway.control, gateway.faults);
        shutdown.add("network events", events::close);
        events.tell(gateway.underlayInterface::heard);
        UnderlayWatch watch = new UnderlayWatch(initial.underlay(), socket, gateway.lanes);
        underlay = watch;
        watch.begin();
        SegmentMtus segmentMtus = new SegmentMtus(gateway::config, gateway.segments, tables, gateway.ports.list());
        configure(made, segmentMtus);
        for (EventLoopLane lane : gateway.lanes) {
            lane.start();
        }
        int overheadBytes = initial.underlay().overheadBytes();
        PathMtuWatch pathMtus = new PathMtuWatch(socket::pathMtu, tables.vteps(), tables.bridge(), overheadBytes);
        events.tell(watch::heard);
        events.tell(helper::heard);
        events.tell(segmentMtus::heard);
        beginTier(made, watch, helper, events);
        Housekeeping keeping = new Housekeeping(gateway, gateway.control, pathMtus, segmentMtus, gateway.faults);
        housekeeping = keeping;
        keeping.begin();
        shutdown.add("housekeeping", keeping::end);
        watch.started();
    }

    /** The lanes, with the way down for what goes through them. */
    private Workers makeWorkers() throws IOException {
        VirtualDevices devices =
                new VirtualDevices(tables.fdb(), tables.vtep(), gateway.policies.policy(), tables.bridge(), List.of());
        shutdown.add(
                "log of policies",
                new PolicyLog(gateway.policies.policy(), gateway.names::segment, gateway.names::port)::close);
        shutdown.add("lanes", () -> {
            gateway.lanes.forEach(EventLoopLane::stop);
            gateway.lanes.forEach(EventLoopLane::close);
        });
        Workers made = new Workers(
                initial,
                gateway.budget,
                cpus,
                gateway.segments.bound(),
                devices,
                tables.vteps(),
                gateway.faults,
                gateway.lanes);
        shutdown.add("ports", () -> PortChanges.close(gateway.ports.present(), gateway.pulse::advance));
        shutdown.add("packets on their way", () -> {
            gateway.lanes.forEach(EventLoopLane::stopReceiving);
            made.scheduling().settle();
        });
        return made;
    }

    /** Ends before ports do, and before workers stop receiving: its last packets are counted. */
    private void beginTier(Workers made, UnderlayWatch watch, HelperChoice helper, NetworkEvents events)
            throws IOException {
        KernelTier begun = new KernelTier(new TierMeans(
                gateway::config,
                gateway.lanes,
                gateway.ports.list(),
                gateway.budget.portPlaces(),
                gateway.segments,
                tables.vteps(),
                gateway.policies.stateWords(),
                made.fastPaths(),
                made.scheduling(),
                watch,
                gateway.underlayInterface,
                helper,
                gateway.faults));
        tier = begun;
        made.confirmedBy(begun::confirm);
        begun.begin(gateway.control);
        shutdown.add("tier in the kernel", begun::end);
        events.tell(begun::heard);
    }

    /** A gateway begins without VNIs, and follows its file as it does with a later one. */
    private void configure(Workers made, SegmentMtus segmentMtus) throws IOException {
        maker.removeStale();
        PortChanges portChanges = new PortChanges(
                gateway.segments,
                tables,
                gateway.ports,
                maker,
                gateway.policies,
                made,
                gateway.watches.ports(),
                gateway.totals,
                gateway.pulse::advance);
        ConfiguredPlanes planes = new ConfiguredPlanes(gateway::controlPlanes);
        Changes changes = new Changes(
                gateway.segments,
                tables,
                gateway.ports,
                portChanges,
                gateway.policies,
                made,
                gateway.room,
                planes,
                gateway.pulse::advance);
        GatewayConfig nothing = initial.withVnis(List.of());
        initial.underlay().vteps().forEach(vtep -> tables.vteps().configure(IpAddress.of(vtep)));
        changes.apply(nothing, Difference.between(nothing, initial), mtus, _ -> {});
        reload = new Reload(
                initial,
                changes,
                made,
                gateway.policies,
                gateway.segments,
                gateway.ports,
                tables.vteps(),
                segmentMtus,
                gateway.budget,
                gateway.room,
                file);
    }
}
