package dev.peregrine.gateway;

import dev.peregrine.dataplane.device.Bridge;
import dev.peregrine.dataplane.device.Fdb;
import dev.peregrine.dataplane.device.NeighbourTable;
import dev.peregrine.dataplane.device.PathMtus;
import dev.peregrine.dataplane.device.Port;
import dev.peregrine.dataplane.offload.Coalescer;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.stage.FloodGroups;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.fastpath.Epoch;
import dev.peregrine.gateway.command.Gateway;
import dev.peregrine.gateway.config.BadConfig;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.FdbEntryConfig;
import dev.peregrine.gateway.config.GatewayConfig;
import dev.peregrine.gateway.config.InterfacePortConfig;
import dev.peregrine.gateway.config.MacAddress;
import dev.peregrine.gateway.config.NeighbourConfig;
import dev.peregrine.gateway.config.PortConfig;
import dev.peregrine.gateway.config.SocketPortConfig;
import dev.peregrine.gateway.config.TapPortConfig;
import dev.peregrine.gateway.config.UnderlayConfig;
import dev.peregrine.gateway.config.VniConfig;
import dev.peregrine.gateway.control.ControlCommands;
import dev.peregrine.vxlan.AllowList;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.Vtep;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.VxlanHeader;
import dev.peregrine.vxlan.underlay.UnderlayPort;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running gateway: the tables, the lanes and the ports of one configuration.
 *
 * <p>The control thread owns all of it: it starts and stops, answers commands, applies what workers learned, ages the
 * FDB and looks after ports. Workers only read the tables.
 */
final class OverlayGateway implements Gateway {
    private static final Logger log = LoggerFactory.getLogger(OverlayGateway.class);
    private static final int TICK_MILLIS = 1000;

    /** How much less often loads are sampled while there are none: an idle gateway is to cost next to nothing. */
    private static final int QUIET_FACTOR = 10;

    private final GatewayConfig config;
    private final Segments segments;
    private final long startNanos = System.nanoTime();
    private final ScheduledExecutorService control = Executors.newSingleThreadScheduledExecutor(OverlayGateway::thread);
    private final VtepTable vteps;
    private final Vtep vtep;
    private final Fdb fdb;
    private final Bridge bridge;
    private final List<Lane> lanes = new ArrayList<>();
    private final List<LocalPort> ports = new ArrayList<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Map<String, Boolean> faultsTold = new ConcurrentHashMap<>();
    private final Names names;
    private final Losses losses = new Losses(lanes, ports);
    private final OffloadLog offloads = new OffloadLog();
    private final PolicyControl policies;
    private final int[] cpus;
    private @Nullable UnderlayPort underlayPort;
    private @Nullable PathMtuWatch pathMtuWatch;
    private @Nullable PolicyLog policyLog;
    private @Nullable FastPaths fastPaths;
    private @Nullable Scheduling scheduling;
    private @Nullable ScheduledFuture<?> ticks;
    private @Nullable ScheduledFuture<?> samples;
    private volatile boolean draining;

    private OverlayGateway(ConfigFile file, int[] cpus) throws BadConfig, IOException {
        this.cpus = cpus;
        config = file.config();
        segments = Segments.of(file);
        vteps = new VtepTable(config.underlay().port(), VtepTable.DEFAULT_CAPACITY);
        vtep = new Vtep(Settings.tunnel(config.underlay()));
        names = new Names(segments, vteps, ports);
        fdb = new Fdb(segments.fdbCapacity());
        fdb.onMove(new MoveLog(segments, vteps, ports, System::nanoTime));
        int portCount =
                config.vnis().stream().mapToInt(vni -> vni.ports().size()).sum();
        bridge = new Bridge(fdb, portCount, () -> control.execute(this::applyLearns));
        policies = new PolicyControl(config, fdb, cpus.length, this::awaitWorkers);
    }

    private static Thread thread(Runnable run) {
        Thread thread = new Thread(run, "control");
        thread.setDaemon(true);
        return thread;
    }

    /** Starts a gateway; returns when traffic flows. */
    static OverlayGateway start(ConfigFile file) throws BadConfig, IOException {
        OverlayGateway gateway = new OverlayGateway(file, WorkerPlacement.cpus(file));
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
        fillTables();
        List<Port> devicePorts = new ArrayList<>();
        for (int segment = 0; segment < segments.size(); segment++) {
            for (PortConfig port : segments.config(segment).ports()) {
                int mtu = segments.get(segment).mtu();
                Port made = new Port(devicePorts.size(), port.name(), segment, false, mtu);
                devicePorts.add(made);
                ports.add(localPort(made, port));
            }
        }
        PathMtus mtus = PathMtus.of(devicePorts);
        for (int segment = 0; segment < segments.size(); segment++) {
            mtus = mtus.segment(
                    segment,
                    segments.get(segment).mtu(),
                    segments.config(segment).mssClamp());
        }
        bridge.mtus(mtus);
        fastPaths = new FastPaths(config.fastpath(), segments.size(), cpus.length);
        announceChanges(fastPaths.epoch(), devicePorts);
        underlayPort = UnderlayPort.claim(Settings.underlay(config.underlay()), vteps, cpus.length);
        Topology chain = Wiring.topology(this::coalescer, vtep, policies.policy(), bridge, devicePorts);
        Topology cached = Wiring.topology(this::coalescer, vtep, policies.policy(), bridge, devicePorts, fastPaths::of);
        Lane.Plan plan = new Lane.Plan(
                underlayPort,
                config.underlay().mode() == UnderlayConfig.Mode.NETTY,
                Arrays.stream(cpus).boxed().toList(),
                config.workers(),
                cached,
                devicePorts,
                policies.policy(),
                this::stageFailed,
                fastPaths);
        for (int i = 0; i < cpus.length; i++) {
            lanes.add(new Lane(i, plan));
        }
        Scheduling made = new Scheduling(config.schedule(), lanes, plan, chain);
        scheduling = made;
        pathMtuWatch =
                new PathMtuWatch(underlayPort, vteps, bridge, config.underlay().overheadBytes());
        ports.forEach(LocalPort::tick);
        for (Lane lane : lanes) {
            lane.start();
        }
        offloads.tell(Offloads.rows(this));
        policyLog = new PolicyLog(policies.policy(), names::segment, names::port);
        ticks = control.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        sampleAfter(config.schedule().sampleMillis(), made);
    }

    private Sink coalescer(Topology.WorkerScope scope, Sink next) {
        Counters received = lanes.get(scope.worker()).received();
        return new Coalescer(VxlanHeader.LENGTH, segments.frameLengthForAll(), true, scope.drops(), received, next);
    }

    /** Has every change that a remembered decision may contradict advance the epoch. */
    private void announceChanges(Epoch epoch, List<Port> devicePorts) {
        fdb.onChange(epoch::advance);
        vtep.onChange(epoch::advanceAll);
        policies.policy().onChange(epoch::advanceAll);
        devicePorts.forEach(port -> port.onChange(epoch::advance));
    }

    FastPaths fastPaths() {
        return Objects.requireNonNull(fastPaths, "not started");
    }

    private LocalPort localPort(Port port, PortConfig portConfig) {
        return switch (portConfig) {
            case TapPortConfig tap -> new TapPort(port, tap, Settings.tapOffload(config.underlay()), lanes, control);
            case InterfacePortConfig device ->
                new InterfacePort(port, device, Settings.tapOffload(config.underlay()), lanes, control);
            case SocketPortConfig socket -> new SocketPort(port, socket, lanes, control);
        };
    }

    /** Fills the tables from the configuration: VTEPs, segments, flood groups, static FDB entries. */
    private void fillTables() throws IOException {
        vteps.allow(AllowList.of(config.underlay().allow().orElse(List.of()).stream()
                .map(Settings::prefix)
                .toList()));
        vtep.segments(segments.table());
        int[][] groups = new int[segments.size()][];
        int nextPort = 0;
        for (int segment = 0; segment < groups.length; segment++) {
            VniConfig vni = segments.config(segment);
            fdb.configure(segment, vni.fdbLimit(), vni.ageing().toNanos());
            bridge.learning(segment, vni.learning());
            addNeighbours(segment, vni);
            List<Integer> members = new ArrayList<>();
            for (PortConfig port : vni.ports()) {
                Settings.mac(port).ifPresent(addStatic(segment, nextPort));
                fdb.limitPort(nextPort, vni.fdbLimitPerPort().orElse(Integer.MAX_VALUE));
                members.add(nextPort++);
            }
            for (InetAddress remote : vni.flood()) {
                members.add(tunnelTo(remote));
            }
            for (FdbEntryConfig entry : vni.fdb()) {
                int port = entry.vtep().isPresent()
                        ? tunnelTo(entry.vtep().get())
                        : segments.portNumber(entry.port().orElseThrow());
                addStatic(segment, port).accept(entry.mac());
            }
            groups[segment] = members.stream().mapToInt(Integer::intValue).toArray();
        }
        bridge.groups(new FloodGroups(groups));
    }

    private void addNeighbours(int segment, VniConfig vni) {
        NeighbourTable neighbours = bridge.neighbours();
        neighbours.configure(
                segment, vni.suppressNeighbours(), vni.fdbLimit(), vni.ageing().toNanos());
        for (NeighbourConfig neighbour : vni.neighbours()) {
            IpAddress address = IpAddress.of(neighbour.address());
            neighbours.add(
                    segment, address.high(), address.low(), neighbour.mac().value(), System.nanoTime());
        }
    }

    private Consumer<MacAddress> addStatic(int segment, int port) {
        return mac -> fdb.add(segment, mac.value(), port, true, System.nanoTime());
    }

    /** The tunnel port of a configured VTEP. */
    int tunnelTo(InetAddress remote) throws IOException {
        RemoteVtep entry = vteps.configure(IpAddress.of(remote));
        if (entry == null) {
            throw new IOException("more than " + vteps.capacity() + " remote VTEPs");
        }
        return entry.port();
    }

    private void stageFailed(Stage stage, RuntimeException failure) {
        StackTraceElement[] trace = failure.getStackTrace();
        String key = stage.name() + failure.getClass() + (trace.length > 0 ? trace[0] : "");
        if (faultsTold.size() < 100 && faultsTold.putIfAbsent(key, true) == null) {
            log.error("stage {} failed; its batch is dropped as STAGE_FAILED. Told once", stage.name(), failure);
        }
    }

    private void applyLearns() {
        bridge.applyLearns(System.nanoTime());
    }

    private void sampleAfter(int millis, Scheduling of) {
        samples = control.schedule(() -> sample(of), millis, TimeUnit.MILLISECONDS);
    }

    private void sample(Scheduling of) {
        boolean isQuiet = false;
        try {
            isQuiet = of.sample(System.nanoTime());
        } catch (RuntimeException e) {
            log.error("sampling loads failed", e);
        }
        sampleAfter(config.schedule().sampleMillis() * (isQuiet ? QUIET_FACTOR : 1), of);
    }

    private void tick() {
        try {
            long nowNanos = System.nanoTime();
            bridge.applyLearns(nowNanos);
            fdb.age(nowNanos);
            bridge.neighbours().age(nowNanos);
            lanes.forEach(Lane::countLosses);
            ports.forEach(LocalPort::tick);
            offloads.tell(Offloads.rows(this));
            if (pathMtuWatch != null) {
                pathMtuWatch.tick(nowNanos);
            }
        } catch (RuntimeException e) {
            log.error("the control thread's tick failed", e);
        }
    }

    /** Returns when what was published has taken effect on every worker, and no packet is under way by what was before. */
    void awaitWorkers() {
        if (scheduling != null) {
            scheduling.awaitGrace();
        }
    }

    PolicyControl policies() {
        return policies;
    }

    GatewayConfig config() {
        return config;
    }

    Segments segments() {
        return segments;
    }

    VtepTable vteps() {
        return vteps;
    }

    Fdb fdb() {
        return fdb;
    }

    Bridge bridge() {
        return bridge;
    }

    List<Lane> lanes() {
        return lanes;
    }

    List<LocalPort> ports() {
        return ports;
    }

    Names names() {
        return names;
    }

    Losses losses() {
        return losses;
    }

    Scheduling scheduling() {
        return Objects.requireNonNull(scheduling, "not started");
    }

    boolean isDraining() {
        return draining;
    }

    long uptimeSeconds() {
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos);
    }

    @Override
    public String summary() {
        long up = ports.stream()
                .filter(port -> port.state() == LocalPort.State.UP)
                .count();
        List<Integer> cpus = lanes.stream().map(lane -> lane.loop().cpu()).toList();
        return String.format(
                "VTEP %s port %d, %d VNI%s, %d of %d ports up, %s on CPU%s %s",
                config.underlay().local().getHostAddress(),
                config.underlay().port(),
                segments.size(),
                segments.size() == 1 ? "" : "s",
                up,
                ports.size(),
                scheduling().state().schedule(),
                cpus.size() == 1 ? "" : "s",
                String.join(", ", cpus.stream().map(String::valueOf).toList()));
    }

    @Override
    public ControlCommands commands() {
        return new GatewayCommands(this);
    }

    @Override
    public Executor controlThread() {
        return control;
    }

    @Override
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /** Delivers what the workers have in hand, then takes everything down in the reverse order of its making. */
    @Override
    public void close() {
        draining = true;
        try {
            onControlThread(() -> {
                if (ticks != null) {
                    ticks.cancel(false);
                }
                if (samples != null) {
                    samples.cancel(false);
                }
                lanes.forEach(Lane::stopReceiving);
                if (scheduling != null) {
                    scheduling.settle();
                }
                ports.forEach(LocalPort::close);
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
