package dev.peregrine.gateway.controlplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.LocalState;
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
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlPlanesTest {
    private static final int VNI = 42;
    private static final int LOCAL_PORT = 0;
    private static final long MAC = 0x0200_0000_0001L;
    private static final IpAddress FAR = ip("198.18.0.2");
    private static final IpAddress OTHER = ip("198.18.0.3");
    private static final IpAddress HOST = ip("198.19.0.2");
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final ScheduledExecutorService control = Executors.newSingleThreadScheduledExecutor();
    private final List<IpAddress> unnamed = new ArrayList<>();
    private final List<Integer> steps = new ArrayList<>();
    private final FakePlane plane = new FakePlane();

    @TempDir
    private @Nullable Path folder;

    private @Nullable Tables tables;
    private @Nullable ControlPlanes planes;
    private final long began = System.nanoTime();
    private long sinceNanos;
    private int segment;

    /** A plane whose reports the test makes, and that remembers what it was told last. */
    private static final class FakePlane implements ControlPlane {
        private @Nullable Feed feed;
        private volatile @Nullable LocalState wanted;
        private volatile boolean isClosed;

        /** Whether it says at once that it has withdrawn what it was told to. */
        private volatile boolean answers = true;

        @Override
        public void start(Feed to) {
            feed = to;
        }

        Feed feed() {
            return Objects.requireNonNull(feed);
        }

        @Override
        public void announce(LocalState state) {
            wanted = state;
            Feed to = feed;
            if (answers && to != null && !state.published()) to.announced(0);
        }

        @Override
        public void resync() {}

        @Override
        public void close() {
            isClosed = true;
        }
    }

    private static IpAddress ip(String text) {
        return IpAddress.of(InetAddress.ofLiteral(text));
    }

    @BeforeEach
    void listenToOnePlane() throws Exception {
        Path file = Files.writeString(
                Objects.requireNonNull(folder).resolve("gateway.yaml"),
                "underlay: {local: 198.18.0.1, device: lo}\nvnis: [{vni: 42, suppressNeighbours: true}]\n");
        GatewayConfig config = ConfigFile.load(file).config();
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

    @Test
    void aPlaneIsInItsFirstStateSinceItWasAdded() {
        assertTrue(sinceNanos <= System.nanoTime() - began, () -> sinceNanos + " ns");
    }

    @AfterEach
    void close() throws Exception {
        onControl(() -> {
            planes().close();
            return plane.isClosed;
        });
        control.shutdownNow();
    }

    private Path cache() {
        return Objects.requireNonNull(folder).resolve("cache");
    }

    private Tables tables() {
        return Objects.requireNonNull(tables);
    }

    private ControlPlanes planes() {
        return Objects.requireNonNull(planes);
    }

    private <T> T onControl(Callable<T> task) throws Exception {
        return control.submit(task).get();
    }

    /** Waits until a condition holds on the control thread. */
    private void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + LONGEST.toNanos();
        while (!onControl(condition)) {
            assertTrue(System.nanoTime() < deadline, what);
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    private void claim(IpAddress vtep, int sequence) {
        Feed feed = plane.feed();
        feed.claim(new Claim.Vtep(vtep, "h2", "i"));
        feed.claim(new Claim.Member(VNI, vtep, true));
        feed.claim(new Claim.Station(VNI, MAC, vtep, sequence, false, List.of(HOST)));
    }

    private @Nullable RemoteVtep vtep(IpAddress address) {
        return tables().vteps().find(address.high(), address.low());
    }

    private int portOf(IpAddress address) {
        RemoteVtep vtep = vtep(address);
        return vtep == null ? -1 : vtep.port();
    }

    private String entry() {
        List<String> found = new ArrayList<>();
        tables().fdb().forEach((_, mac, port, kind, _) -> {
            RemoteVtep vtep = Ports.isTunnel(port) ? tables().vteps().behind(port) : null;
            found.add(mac == MAC ? kind + " " + (vtep == null ? "port " + port : vtep.toString()) : "other");
        });
        return String.join(", ", found);
    }

    private boolean floodsTo(IpAddress address) {
        return tables().bridge().groups().has(segment, portOf(address));
    }

    private NeighbourTable neighbours() {
        return tables().bridge().neighbours();
    }

    @Test
    void whatIsClaimedIsInEveryTableAndGoesWithItsClaim() throws Exception {
        claim(FAR, 1);
        await("the entry", () -> entry().equals("CONTROL 198.18.0.2"));
        await("the flood", () -> floodsTo(FAR));
        onControl(() -> {
            RemoteVtep remote = Objects.requireNonNull(vtep(FAR));
            assertTrue(tables().vteps().isAllowed(remote));
            assertTrue(neighbours().isGiven(segment, HOST.high(), HOST.low()));
            assertEquals(
                    "h2",
                    Objects.requireNonNull(tables().claimedVteps().naming(FAR)).node());
            assertEquals(List.of(), steps, "a mere addition ends no decision");
            return true;
        });
        plane.feed().withdraw(new Claim.StationKey(VNI, MAC, FAR));
        plane.feed().withdraw(new Claim.MemberKey(VNI, FAR));
        plane.feed().withdraw(new Claim.VtepKey(FAR));
        await("the end of the VTEP", () -> unnamed.equals(List.of(FAR)));
        onControl(() -> {
            assertEquals("", entry());
            assertFalse(floodsTo(FAR));
            assertFalse(neighbours().isGiven(segment, HOST.high(), HOST.low()));
            assertNull(tables().claimedVteps().naming(FAR));
            assertEquals(List.of(segment), steps);
            return true;
        });
    }

    @Test
    void theSamePictureAgainChangesNothing() throws Exception {
        for (int i = 0; i < 2; i++) {
            plane.feed().begin();
            claim(FAR, 1);
            plane.feed().complete();
            await("the flood", () -> floodsTo(FAR));
        }
        long changes = onControl(() -> planes().changes());
        plane.feed().begin();
        claim(FAR, 1);
        plane.feed().complete();
        plane.feed().announced(17);
        await(
                "the end of the picture",
                () -> planes().resolver().planes().getFirst().announced() == 17);
        assertEquals(changes, onControl(() -> planes().changes()));
        assertEquals(List.of(), onControl(() -> List.copyOf(steps)));
    }

    private FakePlane joined(String name) throws Exception {
        FakePlane made = new FakePlane();
        return onControl(() -> {
            planes().add(new PlaneSettings(name), "file", made, false);
            planes().listen(VNI, List.of(name), false, 100);
            planes().start(name);
            return made;
        });
    }

    @Test
    void theLastPictureIsKeptAndHoldsUntilThePlaneHasToldItsOwn() throws Exception {
        Path file = Files.createDirectory(cache()).resolve("dir.json");
        FakePlane first = joined("dir");
        first.feed().begin();
        first.feed().claim(new Claim.Station(VNI, MAC, FAR, 1, false, List.of(HOST)));
        first.feed().complete();
        first.feed().state(PlaneState.LIVE, "");
        await("a picture on disk", () -> Files.exists(file));
        onControl(() -> {
            planes().listen(VNI, List.of(), false, 100);
            planes().remove("dir");
            return true;
        });
        await("the end of the plane's entries", () -> entry().isEmpty());
        FakePlane second = joined("dir");
        await("the picture from the disk", () -> entry().equals("CONTROL 198.18.0.2"));
        long left = onControl(() -> planes().resolver().planes().getLast().holdLeftNanos());
        assertTrue(left > 0 && left <= LONGEST.toNanos(), "it counts as away: " + left);
        second.feed().begin();
        second.feed().complete();
        second.feed().state(PlaneState.LIVE, "");
        await("the end of what its own picture lacks", () -> entry().isEmpty());
    }

    @Test
    void aPlaneThatIsRemovedWithdrawsBeforeItIsClosed() throws Exception {
        FakePlane gone = joined("dir");
        gone.answers = false;
        gone.feed().state(PlaneState.LIVE, "");
        gone.feed().announced(2);
        await("the announcement", () -> gone.wanted != null);
        onControl(() -> {
            planes().listen(VNI, List.of("reg"), false, 100);
            planes().remove("dir");
            return true;
        });
        await("the withdrawal", () -> !Objects.requireNonNull(gone.wanted).published());
        assertFalse(gone.isClosed, "it has not said that nothing is left");
        gone.feed().announced(0);
        await("its end", () -> gone.isClosed);
    }

    @Test
    void theEndWaitsUntilAllIsWithdrawnAndGoesOnForAWhile() throws Exception {
        plane.answers = false;
        await("the announcement", () -> plane.wanted != null);
        plane.feed().announced(17);
        await("the answer", () -> planes().resolver().planes().getFirst().announced() == 17);
        AtomicBoolean isOver = new AtomicBoolean();
        control.execute(() -> {
            planes().withdraw(Duration.ofMillis(200));
            isOver.set(true);
        });
        long deadline = System.nanoTime() + LONGEST.toNanos();
        while (Objects.requireNonNull(plane.wanted).published()) assertTrue(System.nanoTime() < deadline);
        assertFalse(isOver.get());
        long answered = System.nanoTime();
        plane.feed().announced(0);
        onControl(() -> true);
        assertTrue(isOver.get());
        assertTrue(System.nanoTime() - answered >= 200_000_000, "others hear of it while frames pass");
    }

    @Test
    void withoutAFolderForPicturesAPlaneWorksAllTheSame() throws Exception {
        FakePlane alone = joined("dir");
        alone.feed().state(PlaneState.LIVE, "");
        alone.feed().claim(new Claim.Station(VNI, MAC, FAR, 1, false, List.of(HOST)));
        await("the entry", () -> entry().equals("CONTROL 198.18.0.2"));
        assertFalse(Files.exists(cache()));
    }

    @Test
    void aStationThatShowsUpHereIsLocalAtOnceAndAnnouncedWithAHigherSequence() throws Exception {
        claim(FAR, 7);
        await("the entry", () -> entry().equals("CONTROL 198.18.0.2"));
        onControl(() -> tables().fdb().learn(segment, MAC, LOCAL_PORT, System.nanoTime()));
        assertEquals("DYNAMIC port 0", onControl(this::entry));
        await("the announcement", () -> {
            LocalState wanted = plane.wanted;
            return wanted != null
                    && wanted.stations().stream().anyMatch(its -> its.mac() == MAC && its.sequence() == 8);
        });
        claim(FAR, 9);
        await("the way back", () -> entry().equals("CONTROL 198.18.0.2"));
        claim(OTHER, 10);
        await("a move", () -> entry().equals("CONTROL 198.18.0.3"));
    }

    @Test
    void theClaimComesBackWhenWhatWasLearnedHereHasAged() throws Exception {
        claim(FAR, 7);
        await("the entry", () -> entry().equals("CONTROL 198.18.0.2"));
        onControl(() -> tables().fdb().learn(segment, MAC, LOCAL_PORT, System.nanoTime()));
        onControl(() -> tables().fdb().flush(segment, LOCAL_PORT, false));
        await("the entry of the claim", () -> entry().equals("CONTROL 198.18.0.2"));
    }

    @Test
    void aStaticEntryStaysAndTheClaimFollowsIt() throws Exception {
        onControl(() -> tables().fdb().add(segment, MAC, LOCAL_PORT, true, System.nanoTime()));
        claim(FAR, 7);
        await("the flood", () -> floodsTo(FAR));
        assertEquals("STATIC port 0", onControl(this::entry));
        onControl(() -> tables().fdb().delete(segment, MAC));
        await("the entry", () -> entry().equals("CONTROL 198.18.0.2"));
        onControl(() -> tables().fdb().add(segment, MAC, LOCAL_PORT, true, System.nanoTime()));
        claim(OTHER, 8);
        await("the flood", () -> floodsTo(OTHER));
        assertEquals("STATIC port 0", onControl(this::entry));
    }

    @Test
    void aStaticNeighbourStaysAndTheClaimFollowsIt() throws Exception {
        claim(FAR, 1);
        await("the neighbour", () -> neighbours().isGiven(segment, HOST.high(), HOST.low()));
        onControl(() -> {
            neighbours().add(segment, HOST.high(), HOST.low(), MAC + 1, System.nanoTime());
            return neighbours().delete(segment, HOST.high(), HOST.low());
        });
        await("the neighbour again", () -> neighbours().isGiven(segment, HOST.high(), HOST.low()));
    }

    @Test
    void aVniThatIsLeftHasNothingOfPlanes() throws Exception {
        claim(FAR, 1);
        await("the flood", () -> floodsTo(FAR));
        onControl(() -> {
            planes().leave(VNI);
            assertEquals("", entry());
            return true;
        });
        await("the end of the flood", () -> !floodsTo(FAR));
    }

    @Test
    void manyClaimsTakeManyShortTurns() throws Exception {
        int count = 50_000;
        Thread reporter = Thread.ofVirtual().start(() -> {
            Feed feed = plane.feed();
            feed.begin();
            for (int i = 0; i < 100; i++) {
                IpAddress vtep = new IpAddress(FAR.high(), FAR.low() + i);
                feed.claim(new Claim.Vtep(vtep, "", ""));
                feed.claim(new Claim.Member(VNI, vtep, true));
                for (int j = 0; j < count / 100; j++) {
                    feed.claim(new Claim.Station(VNI, MAC + 1000L * i + j, vtep, 0, false, List.of()));
                }
            }
            feed.complete();
        });
        await("all of them", () -> tables().fdb().size() == count);
        assertTrue(reporter.join(LONGEST));
        assertEquals(List.of(), onControl(() -> List.copyOf(steps)));
        assertNotNull(onControl(() -> vtep(FAR)));
        onControl(() -> {
            planes().remove("reg");
            return true;
        });
        await("their end", () -> tables().fdb().size() == 0);
    }
}
