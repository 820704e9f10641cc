package dev.peregrine.gateway.controlplane;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.resolve.PlaneSettings;
import dev.peregrine.controlplane.resolve.Resolver;
import dev.peregrine.controlplane.resolve.ResolverSettings;
import dev.peregrine.controlplane.resolve.report.ResolverEvents;
import dev.peregrine.dataplane.device.neighbour.NeighbourTable;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.gateway.config.Budget;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.port.LocalPorts;
import dev.peregrine.gateway.port.Segments;
import dev.peregrine.gateway.port.Tables;
import dev.peregrine.gateway.worker.FaultLog;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Control planes over the tables of a gateway, with VNI 42 and a plane {@code reg}, whose reports the test makes. */
abstract class PlanesLab {
    static final int VNI = 42;
    static final int LOCAL_PORT = 0;
    static final long MAC = 0x0200_0000_0001L;
    static final IpAddress FAR = ip("198.18.0.2");
    static final IpAddress OTHER = ip("198.18.0.3");
    static final IpAddress HOST = ip("198.19.0.2");
    static final Duration LONGEST = Duration.ofSeconds(10);

    final ScheduledExecutorService control = Executors.newSingleThreadScheduledExecutor();
    final List<IpAddress> unnamed = new ArrayList<>();
    final List<Integer> steps = new ArrayList<>();
    final FakePlane plane = new FakePlane();

    @TempDir
    private @Nullable Path folder;

    private @Nullable Tables tables;
    private @Nullable ControlPlanes planes;

    final long began = System.nanoTime();
    long sinceNanos;
    int segment;

    static IpAddress ip(String text) {
        return IpAddress.of(InetAddress.ofLiteral(text));
    }

    @BeforeEach
    void listenToOnePlane() throws Exception {
        GatewayConfig config = config("vnis: [{vni: 42, suppressNeighbours: true}]");
        Budget budget = new Budget(config, 1);
        Segments segments = new Segments(budget.vniPlaces());
        Tables made = new Tables(config, segments, budget, () -> {});
        tables = made;
        made.fdb().listeners().onChange(steps::add);
        ResolverSettings settings = new ResolverSettings(
                Duration.ofMillis(1), LONGEST, Duration.ofMillis(1), 5, Duration.ofMinutes(3), false, Duration.ZERO);
        onControl(() -> {
            segment = made.prepareSegment(config.vnis().getFirst(), 1450);
            made.openSegment(segment);
            ControlPlanes joined = new ControlPlanes(
                    segments,
                    made,
                    new LocalPorts(budget.portPlaces()),
                    new Resolver(ip("198.18.0.1"), "h1", "i", settings, ResolverEvents.NONE),
                    Optional.of(cache()),
                    control,
                    new FaultLog(),
                    unnamed::addAll);
            planes = joined;
            joined.add(new PlaneSettings("reg"), "file", plane, false);
            joined.listen(VNI, List.of("reg"), false, 100);
            joined.start("reg");
            sinceNanos = joined.resolver().planes().getFirst().sinceNanos();
            joined.publish(true);
            return steps.removeIf(_ -> true);
        });
        plane.feed().state(PlaneState.LIVE, "");
    }

    /** Of a gateway, with these keys. */
    GatewayConfig config(String keys) throws Exception {
        Path file = folder().resolve("gateway.yaml");
        Files.writeString(file, "underlay: {local: 198.18.0.1, device: lo}\n" + keys + "\n");
        return ConfigFile.load(file).config();
    }

    @AfterEach
    void close() throws Exception {
        onControl(() -> {
            planes().close();
            return plane.isClosed;
        });
        control.shutdownNow();
    }

    Path folder() {
        return Objects.requireNonNull(folder);
    }

    Path cache() {
        return folder().resolve("cache");
    }

    Tables tables() {
        return Objects.requireNonNull(tables);
    }

    ControlPlanes planes() {
        return Objects.requireNonNull(planes);
    }

    <T> T onControl(Callable<T> task) throws Exception {
        return control.submit(task).get();
    }

    /** Waits until a condition holds on the control thread. */
    void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + LONGEST.toNanos();
        while (!onControl(condition)) {
            assertTrue(System.nanoTime() < deadline, what);
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    void claim(IpAddress vtep, int sequence) {
        Feed feed = plane.feed();
        feed.claim(new Claim.Vtep(vtep, "h2", "i"));
        feed.claim(new Claim.Member(VNI, vtep, true));
        feed.claim(new Claim.Station(VNI, MAC, vtep, sequence, false, List.of(HOST)));
    }

    @Nullable
    RemoteVtep vtep(IpAddress address) {
        return tables().vteps().find(address.high(), address.low());
    }

    int portOf(IpAddress address) {
        RemoteVtep vtep = vtep(address);
        return vtep == null ? -1 : vtep.port();
    }

    String entry() {
        List<String> found = new ArrayList<>();
        tables().fdb().forEach((_, mac, port, kind, _) -> {
            RemoteVtep vtep = Ports.isTunnel(port) ? tables().vteps().behind(port) : null;
            found.add(mac == MAC ? kind + " " + (vtep == null ? "port " + port : vtep.toString()) : "other");
        });
        return String.join(", ", found);
    }

    boolean floodsTo(IpAddress address) {
        return tables().bridge().groups().has(segment, portOf(address));
    }

    NeighbourTable neighbours() {
        return tables().bridge().neighbours();
    }

    FakePlane joined(String name) throws Exception {
        FakePlane made = new FakePlane();
        return onControl(() -> {
            planes().add(new PlaneSettings(name), "file", made, false);
            planes().listen(VNI, List.of(name), false, 100);
            planes().start(name);
            return made;
        });
    }
}
