package dev.peregrine.gateway.runtime;

import dev.peregrine.controlplane.resolve.Resolver;
import dev.peregrine.dataplane.device.bridge.Bridge;
import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.gateway.command.Gateway;
import dev.peregrine.gateway.command.Liveness;
import dev.peregrine.gateway.config.Budget;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.Room;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.controlplane.ConfiguredPlanes;
import dev.peregrine.gateway.controlplane.ControlPlanes;
import dev.peregrine.gateway.controlplane.HostName;
import dev.peregrine.gateway.controlplane.PlaneLog;
import dev.peregrine.gateway.drops.DropTotals;
import dev.peregrine.gateway.drops.DropWatch;
import dev.peregrine.gateway.drops.KernelLosses;
import dev.peregrine.gateway.drops.SampleReader;
import dev.peregrine.gateway.metric.MetricSource;
import dev.peregrine.gateway.policy.PolicyControl;
import dev.peregrine.gateway.port.ClaimedVteps;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.port.LocalPorts;
import dev.peregrine.gateway.port.MoveLog;
import dev.peregrine.gateway.port.Names;
import dev.peregrine.gateway.port.PortMaker;
import dev.peregrine.gateway.port.PortWatch;
import dev.peregrine.gateway.port.Segments;
import dev.peregrine.gateway.port.Tables;
import dev.peregrine.gateway.tier.KernelTier;
import dev.peregrine.gateway.underlay.PlacementWatch;
import dev.peregrine.gateway.underlay.SendFailureLog;
import dev.peregrine.gateway.underlay.UnderlayInterface;
import dev.peregrine.gateway.underlay.UnderlayMtu;
import dev.peregrine.gateway.underlay.UnderlayWatch;
import dev.peregrine.gateway.underlay.VtepWatch;
import dev.peregrine.gateway.worker.EventLoopLane;
import dev.peregrine.gateway.worker.FaultLog;
import dev.peregrine.gateway.worker.Scheduling;
import dev.peregrine.gateway.worker.WorkerPlacement;
import dev.peregrine.overlay.FastPaths;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.Vtep;
import dev.peregrine.vxlan.VtepTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
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

    private final long startNanos = System.nanoTime();
    private final ControlThread controlThread = new ControlThread();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Drain drain = new Drain();
    private final List<Runnable> endings = new ArrayList<>();
    private final Startup startup;
    private @Nullable ControlPlanes controlPlanes;

    /** One for all who ask: it remembers whom commands have had accepted. */
    private final List<Noun> nouns;

    private final MetricSource metrics;

    // The startup uses these, too.
    final GatewayConfig initial;
    final Room room = Room.left();
    final Segments segments;
    final Budget budget;
    final ScheduledExecutorService control = controlThread.executor();
    final Tables tables;
    final List<EventLoopLane> lanes = new ArrayList<>();
    final Pulse pulse = new Pulse(lanes);
    final LocalPorts ports;
    final FaultLog faults = new FaultLog();
    final Names names;
    final DropTotals totals;
    final Watches watches;
    final PolicyControl policies;
    final UnderlayInterface underlayInterface;
    final Shutdown shutdown = new Shutdown();

    private OverlayGateway(
            ConfigFile file,
            Function<OverlayGateway, List<Noun>> commands,
            Function<OverlayGateway, MetricSource> measures)
            throws BadConfig, IOException {
        initial = file.config();
        PortMaker maker = new PortMaker(initial.underlay().offload().usesTapOffload(), this::means);
        maker.prepare(initial.vnis().stream().flatMap(vni -> vni.ports().stream()));
        underlayInterface = new UnderlayInterface(initial.underlay());
        PlacementWatch placement = new PlacementWatch(initial, underlayInterface);
        int[] cpus = WorkerPlacement.cpus(file, placement.choice());
        Map<Integer, Integer> mtus = Segments.mtus(file, UnderlayMtu.measure(initial));
        budget = new Budget(initial, cpus.length);
        segments = new Segments(budget.vniPlaces());
        ports = new LocalPorts(budget.portPlaces());
        tables = new Tables(
                initial, segments, budget, () -> control.execute(faults.contain("learning", this::applyLearns)));
        names = new Names(segments, tables.vteps(), ports);
        totals = new DropTotals(lanes, ports.present(), new KernelLosses(initial.underlay(), underlayInterface));
        watches = new Watches(
                placement,
                new PortWatch(ports.list(), faults, control, pulse::advance),
                new VtepWatch(tables.vteps(), lanes, new SendFailureLog(startNanos)),
                new DropWatch(totals, lanes, new SampleReader(segments, tables.vteps(), names), startNanos));
        tables.fdb().listeners().onMove(new MoveLog(segments, tables.vteps(), ports, System::nanoTime));
        policies = new PolicyControl(initial.withVnis(List.of()), tables.fdb(), cpus.length, this::awaitWorkers);
        startup = new Startup(this, file.path(), cpus, mtus, maker);
        nouns = commands.apply(this);
        metrics = measures.apply(this);
    }

    private LocalPort.Means means() {
        return new LocalPort.Means(lanes, tables, watches.ports()::heardOf);
    }

    /**
     * Starts a gateway; returns when traffic flows, or will by itself: see {@link #ready}. {@code commands} makes what
     * it answers to, {@code measures} what it tells those who watch it.
     */
    public static OverlayGateway start(
            ConfigFile file,
            Function<OverlayGateway, List<Noun>> commands,
            Function<OverlayGateway, MetricSource> measures)
            throws BadConfig, IOException {
        OverlayGateway gateway = new OverlayGateway(file, commands, measures);
        try {
            gateway.controlThread.run(gateway.startup::run);
            return gateway;
        } catch (IOException | RuntimeException e) {
            gateway.close();
            throw e;
        }
    }

    /** The kernel's tier of the flow caches. */
    public KernelTier tier() {
        return Objects.requireNonNull(startup.tier, "not started");
    }

    /** The control planes: none, before one is added. On the control thread. */
    public ControlPlanes controlPlanes() {
        if (controlPlanes == null) {
            Optional<Path> cache = initial.control().planes().cache();
            ControlPlanes made =
                    new ControlPlanes(segments, tables, ports, resolver(), cache, control, faults, this::forgetUnnamed);
            controlPlanes = made;
            shutdown.add("control planes", () -> {
                made.withdraw(config().control().planes().drainDelay());
                made.close();
            });
            var _ = ready().thenRun(() -> control.execute(() -> made.publish(true)));
        }
        return controlPlanes;
    }

    /** Whether there is, or was, a control plane. */
    public boolean hasControlPlanes() {
        return controlPlanes != null;
    }

    private Resolver resolver() {
        IpAddress own = IpAddress.of(initial.underlay().local());
        String instance = UUID.randomUUID().toString();
        return new Resolver(
                own,
                HostName.read(),
                instance,
                ConfiguredPlanes.settings(initial.control().planes()),
                new PlaneLog(System::nanoTime));
    }

    private void forgetUnnamed(List<IpAddress> gone) {
        List<RemoteVtep> vteps = gone.stream()
                .map(address -> tables.vteps().find(address.high(), address.low()))
                .filter(Objects::nonNull)
                .toList();
        List<RemoteVtep> unnamed = new ArrayList<>(new UnnamedVteps(tables).unconfigure(vteps, config()));
        unnamed.removeIf(tables.vteps()::isAllowed);
        Objects.requireNonNull(startup.housekeeping, "not started").forget(unnamed);
    }

    /** The flow caches. */
    public FastPaths fastPaths() {
        return workers().fastPaths();
    }

    private Workers workers() {
        return Objects.requireNonNull(startup.workers, "not started");
    }

    private void applyLearns() {
        tables.bridge().applyLearns(System.nanoTime());
    }

    /**
     * Returns when every worker decides by what was published, and all packets have settled that were decided on by
     * what was before.
     *
     * @throws ChangeUnconfirmed when a worker is stuck
     */
    @Override
    public void awaitWorkers() {
        if (startup.workers != null) {
            startup.workers.awaitGrace();
        }
    }

    @Override
    public Liveness liveness() {
        return pulse;
    }

    /** The policies. */
    public PolicyControl policies() {
        return policies;
    }

    /** The configuration that the gateway followed last; commands may have changed policies and the schedule since. */
    public GatewayConfig config() {
        return startup.reload == null ? initial : startup.reload.config();
    }

    /** How it follows another configuration. */
    public Reload reload() {
        return Objects.requireNonNull(startup.reload, "not started");
    }

    /** The segments, one for each VNI. */
    public Segments segments() {
        return segments;
    }

    /** The VTEPs, by tunnel port. */
    public VtepTable vteps() {
        return tables.vteps();
    }

    /** The VTEPs that control planes name. */
    public ClaimedVteps claimedVteps() {
        return tables.claimedVteps();
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
    public List<EventLoopLane> lanes() {
        return lanes;
    }

    /** The local ports, in the order in which they came: a view, which follows. */
    public List<LocalPort> ports() {
        return ports.list();
    }

    /** The local ports by number and by name. */
    public LocalPorts localPorts() {
        return ports;
    }

    /** The watches over ports, VTEPs, drops and CPUs. */
    public Watches watches() {
        return watches;
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
        return workers().scheduling();
    }

    /** The watch over the underlay. */
    public UnderlayWatch underlay() {
        return Objects.requireNonNull(startup.underlay, "not started");
    }

    /** Adds what is done first when the gateway ends, on the control thread. */
    public void beforeEnd(Runnable task) {
        endings.add(task);
    }

    /** Whether the gateway takes new work. */
    public Drain drain() {
        return drain;
    }

    @Override
    public void hangUp() {
        control.execute(faults.contain("reload", () -> reload().hangUp(drain.isOn())));
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
    public @Nullable String obstacle() {
        return drain.isOn() ? "draining" : underlay().reason();
    }

    @Override
    public MetricSource metrics() {
        return metrics;
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

    /** Delivers what the workers have in hand, then takes everything down in the reverse order of its making. */
    @Override
    public void close() {
        drain.end();
        try {
            controlThread.run(() -> {
                shutdown.add("observers", () -> endings.forEach(Runnable::run));
                shutdown.run();
            });
        } catch (IOException | RuntimeException e) {
            log.error("the gateway did not come down cleanly", e);
        }
        log.info("stopped after {} s; packets dropped: {}", uptimeSeconds(), totals.summary());
        controlThread.end();
        ended.complete(null);
    }
}
