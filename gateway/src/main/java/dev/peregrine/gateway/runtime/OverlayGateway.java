package dev.peregrine.gateway.runtime;

import dev.peregrine.dataplane.device.bridge.Bridge;
import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.schedule.StuckWorkerException;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.fastpath.Epoch;
import dev.peregrine.fastpath.FastPathSwitch;
import dev.peregrine.gateway.command.Gateway;
import dev.peregrine.gateway.config.Budget;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.model.FastpathConfig;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.OffloadConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.UnderlayConfig;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.control.ChangeUnconfirmed;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.drops.DropTotals;
import dev.peregrine.gateway.drops.KernelLosses;
import dev.peregrine.gateway.policy.PolicyControl;
import dev.peregrine.gateway.policy.PolicyLog;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.port.MoveLog;
import dev.peregrine.gateway.port.Names;
import dev.peregrine.gateway.port.PortMaker;
import dev.peregrine.gateway.port.PortWatch;
import dev.peregrine.gateway.port.Segments;
import dev.peregrine.gateway.port.Tables;
import dev.peregrine.gateway.underlay.NetworkEvents;
import dev.peregrine.gateway.underlay.PathMtuWatch;
import dev.peregrine.gateway.underlay.PlacementWatch;
import dev.peregrine.gateway.underlay.SegmentMtus;
import dev.peregrine.gateway.underlay.SendFailureLog;
import dev.peregrine.gateway.underlay.UnderlayInterface;
import dev.peregrine.gateway.underlay.UnderlayMtu;
import dev.peregrine.gateway.underlay.UnderlayWatch;
import dev.peregrine.gateway.underlay.VtepWatch;
import dev.peregrine.gateway.worker.FaultLog;
import dev.peregrine.gateway.worker.Lane;
import dev.peregrine.gateway.worker.MismatchLog;
import dev.peregrine.gateway.worker.Scheduling;
import dev.peregrine.gateway.worker.WorkerPlacement;
import dev.peregrine.overlay.FastPaths;
import dev.peregrine.overlay.LaneSpec;
import dev.peregrine.overlay.Layout;
import dev.peregrine.overlay.VirtualDevices;
import dev.peregrine.overlay.Wiring;
import dev.peregrine.vxlan.Vtep;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.underlay.socket.UnderlayPort;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running gateway: the tables, the lanes and the ports of one configuration.
 *
 * <p>The control thread owns all of it: it starts and stops, answers commands, applies what workers learned and sees to
 * the {@link Housekeeping}. Workers only read the tables.
 */
public final class OverlayGateway implements Gateway {
    private static final Logger log = LoggerFactory.getLogger(OverlayGateway.class);
    private static final int CLOSING_THREADS = 32;

    private final GatewayConfig config;
    private final Segments segments;
    private final Budget budget;
    private final long startNanos = System.nanoTime();
    private final ScheduledExecutorService control = Executors.newSingleThreadScheduledExecutor(OverlayGateway::thread);
    private final Tables tables;
    private final List<Lane> lanes = new ArrayList<>();
    private final List<LocalPort> ports = new ArrayList<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final FaultLog faults = new FaultLog();
    private final Names names;
    private final DropTotals totals;
    private final PortWatch portWatch = new PortWatch(ports, faults);
    private final LocalPort.Means means;
    private final VtepWatch vtepWatch;
    private final PolicyControl policies;

    /** One for all who ask: it remembers whom commands have had accepted. */
    private final List<Noun> nouns;

    private final UnderlayInterface underlayInterface;
    private final PlacementWatch placement;
    private final int[] cpus;
    private @Nullable UnderlayPort underlayPort;
    private @Nullable UnderlayWatch underlayWatch;
    private @Nullable NetworkEvents networkEvents;
    private @Nullable PolicyLog policyLog;
    private @Nullable FastPaths fastPaths;
    private @Nullable Scheduling scheduling;
    private @Nullable Housekeeping housekeeping;
    private final List<Runnable> endings = new ArrayList<>();
    private volatile boolean draining;

    private OverlayGateway(ConfigFile file, Function<OverlayGateway, List<Noun>> commands)
            throws BadConfig, IOException {
        config = file.config();
        underlayInterface = new UnderlayInterface(config.underlay());
        placement = new PlacementWatch(config, underlayInterface);
        cpus = WorkerPlacement.cpus(file, placement.choice());
        segments = Segments.of(file, UnderlayMtu.measure(config));
        budget = new Budget(config, cpus.length);
        tables = new Tables(
                config, segments, budget, () -> control.execute(faults.contain("learning", this::applyLearns)));
        names = new Names(segments, tables.vteps(), ports);
        totals = new DropTotals(lanes, ports, new KernelLosses(config.underlay(), underlayInterface));
        vtepWatch = new VtepWatch(tables.vteps(), lanes, new SendFailureLog(startNanos));
        tables.fdb().onMove(new MoveLog(segments, tables.vteps(), ports, System::nanoTime));
        means = new LocalPort.Means(
                lanes,
                tables,
                port -> control.execute(faults.contain("port " + port.port().name(), () -> portWatch.look(port))));
        policies = new PolicyControl(config, tables.fdb(), cpus.length, this::awaitWorkers);
        nouns = commands.apply(this);
    }

    private static Thread thread(Runnable run) {
        Thread thread = new Thread(run, "control");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Starts a gateway; returns when traffic flows, or will by itself: see {@link #ready}. {@code commands} makes what
     * it answers to.
     */
    public static OverlayGateway start(ConfigFile file, Function<OverlayGateway, List<Noun>> commands)
            throws BadConfig, IOException {
        OverlayGateway gateway = new OverlayGateway(file, commands);
        try {
            gateway.onControlThread(gateway::bringUp);
            return gateway;
        } catch (IOException | RuntimeException e) {
            gateway.close();
            throw e;
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private void onControlThread(Step step) throws IOException {
        try {
            control.submit(() -> {
                        step.run();
                        return true;
                    })
                    .get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void bringUp() throws IOException {
        tables.fill();
        List<Port> devicePorts = makePorts();
        tables.limit(devicePorts);
        VirtualDevices devices = new VirtualDevices(
                tables.fdb(), tables.vtep(), policies.policy(), tables.bridge(), List.copyOf(devicePorts));
        FastPaths paths = makeFastPaths();
        fastPaths = paths;
        devices.announceTo(paths.epoch());
        UnderlayPort underlay = UnderlayPort.claim(config.underlay().settings(), tables.vteps(), cpus.length);
        underlayPort = underlay;
        scheduling = makeLanes(devices, paths);
        NetworkEvents events = NetworkEvents.begin(control, faults);
        networkEvents = events;
        events.tell(underlayInterface::heard);
        UnderlayWatch watch = new UnderlayWatch(config.underlay(), underlay, lanes);
        underlayWatch = watch;
        watch.begin();
        portWatch.look();
        for (Lane lane : lanes) {
            lane.start();
        }
        policyLog = new PolicyLog(policies.policy(), names::segment, names::port);
        int overheadBytes = config.underlay().overheadBytes();
        PathMtuWatch pathMtus = new PathMtuWatch(underlay::pathMtu, tables.vteps(), tables.bridge(), overheadBytes);
        SegmentMtus segmentMtus = new SegmentMtus(config, segments, tables, ports);
        events.tell(watch::heard);
        events.tell(segmentMtus::heard);
        housekeeping = new Housekeeping(this, control, pathMtus, segmentMtus, faults);
        housekeeping.begin();
        watch.started();
    }

    /** Makes the ports in the file's order; returns what the devices see of them. */
    private List<Port> makePorts() {
        PortMaker maker = new PortMaker(config.underlay().offload().usesTapOffload(), means);
        List<Port> devicePorts = new ArrayList<>();
        for (int segment = 0; segment < segments.size(); segment++) {
            for (PortConfig port : segments.config(segment).ports()) {
                int mtu = segments.get(segment).mtu();
                Port made = new Port(devicePorts.size(), port.name(), segment, false, mtu);
                devicePorts.add(made);
                ports.add(maker.make(made, port));
            }
        }
        return devicePorts;
    }

    private FastPaths makeFastPaths() {
        FastpathConfig fastpath = config.fastpath();
        return new FastPaths(
                cpus.length,
                fastpath.capacity(),
                new Epoch(segments.size()),
                new FastPathSwitch(fastpath.enabled(), fastpath.shadow()),
                new MismatchLog());
    }

    /** Makes a lane for each CPU, and joins their graphs by the schedule to begin with. */
    private Scheduling makeLanes(VirtualDevices devices, FastPaths paths) {
        LaneSpec spec = new LaneSpec(
                cpus.length,
                budget.buffers(),
                budget.views(),
                devices,
                paths,
                System::nanoTime,
                faults,
                Instruments.NONE);
        Lane.Plan plan = new Lane.Plan(
                spec,
                config.underlay().mode() == UnderlayConfig.Mode.NETTY,
                tables.vteps().slots(),
                Arrays.stream(cpus).boxed().toList(),
                config.workers());
        for (int i = 0; i < cpus.length; i++) {
            lanes.add(new Lane(i, plan));
        }
        return new Scheduling(config.schedule(), lanes, layout(devices, paths));
    }

    private Layout layout(VirtualDevices devices, FastPaths paths) {
        return new Layout(graph(devices, paths), graph(devices, null), devices.ports());
    }

    private Topology graph(VirtualDevices devices, @Nullable FastPaths paths) {
        boolean fromWire = config.underlay().offload().gro() == OffloadConfig.Gro.WIRE;
        return Wiring.topology(devices, fromWire, worker -> lanes.get(worker).received(), paths);
    }

    /** The flow caches. */
    public FastPaths fastPaths() {
        return Objects.requireNonNull(fastPaths, "not started");
    }

    private void applyLearns() {
        tables.bridge().applyLearns(System.nanoTime());
    }

    /**
     * Returns when every worker decides by what was published, and all packets have settled that were decided on by what
     * was before.
     *
     * @throws ChangeUnconfirmed when a worker is stuck
     */
    public void awaitWorkers() {
        if (scheduling == null) {
            return;
        }
        try {
            scheduling.awaitGrace();
        } catch (StuckWorkerException stuck) {
            throw new ChangeUnconfirmed(
                    "the change is made, but " + stuck.getMessage()
                            + " and may still decide by what was before: jstack "
                            + ProcessHandle.current().pid()
                            + " shows where it is",
                    stuck);
        }
    }

    /** The policies. */
    public PolicyControl policies() {
        return policies;
    }

    /** The configuration that the gateway runs with. */
    public GatewayConfig config() {
        return config;
    }

    /** The segments, one for each VNI. */
    public Segments segments() {
        return segments;
    }

    /** The VTEPs, by tunnel port. */
    public VtepTable vteps() {
        return tables.vteps();
    }

    /** The watch over the remote VTEPs. */
    public VtepWatch vtepWatch() {
        return vtepWatch;
    }

    /** This VTEP. */
    public Vtep vtep() {
        return tables.vtep();
    }

    /** The forwarding database. */
    public Fdb fdb() {
        return tables.fdb();
    }

    /** The bridge. */
    public Bridge bridge() {
        return tables.bridge();
    }

    /** The lanes, one for each worker. */
    public List<Lane> lanes() {
        return lanes;
    }

    /** The local ports. */
    public List<LocalPort> ports() {
        return ports;
    }

    /** The watch over the local ports. */
    public PortWatch portWatch() {
        return portWatch;
    }

    /** The names of ports as users write them. */
    public Names names() {
        return names;
    }

    /** The drops of the whole gateway by reason. */
    public DropTotals losses() {
        return totals;
    }

    /** The schedule that the workers follow. */
    public Scheduling scheduling() {
        return Objects.requireNonNull(scheduling, "not started");
    }

    /** The watch over the underlay. */
    public UnderlayWatch underlay() {
        return Objects.requireNonNull(underlayWatch, "not started");
    }

    /** The watch over the CPUs of workers and receivers. */
    public PlacementWatch placement() {
        return placement;
    }

    /** Adds what is done first when the gateway ends, on the control thread. */
    public void beforeEnd(Runnable task) {
        endings.add(task);
    }

    /** Whether the gateway has begun to end. */
    public boolean isDraining() {
        return draining;
    }

    /** Seconds since the start. */
    public long uptimeSeconds() {
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos);
    }

    @Override
    public String summary() {
        return ReadyLine.of(this);
    }

    @Override
    public List<Noun> nouns() {
        return nouns;
    }

    @Override
    public Executor controlThread() {
        return control;
    }

    @Override
    public CompletableFuture<Void> ready() {
        return underlay().ready();
    }

    @Override
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /** The kernel takes some ten milliseconds to remove a device, and mostly waits: several are removed at a time. */
    private void closePorts() {
        try (ExecutorService closing = Executors.newFixedThreadPool(CLOSING_THREADS)) {
            ports.forEach(port -> closing.execute(port::close));
        }
    }

    /** Delivers what the workers have in hand, then takes everything down in the reverse order of its making. */
    @Override
    public void close() {
        draining = true;
        try {
            onControlThread(() -> {
                endings.forEach(Runnable::run);
                if (housekeeping != null) {
                    housekeeping.end();
                }
                if (networkEvents != null) {
                    networkEvents.close();
                }
                lanes.forEach(Lane::stopReceiving);
                if (scheduling != null) {
                    scheduling.settle();
                }
                closePorts();
                lanes.forEach(Lane::stop);
                lanes.forEach(Lane::close);
                if (policyLog != null) {
                    policyLog.close();
                }
                if (underlayPort != null) {
                    underlayPort.close();
                }
            });
        } catch (IOException | RuntimeException e) {
            log.error("the gateway did not come down cleanly", e);
        }
        control.shutdownNow();
        ended.complete(null);
    }
}
