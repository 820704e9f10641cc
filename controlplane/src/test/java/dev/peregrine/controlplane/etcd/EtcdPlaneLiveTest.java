package dev.peregrine.controlplane.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.http.TlsFiles;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.testkit.live.EtcdServer;
import dev.peregrine.vxlan.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plane and Debian's etcd. */
@Tag("live")
class EtcdPlaneLiveTest {
    private static final String PREFIX = "/p/test";
    private static final int VNI = 42;
    private static final IpAddress A = ip("198.18.1.1");
    private static final IpAddress B = ip("198.18.1.2");

    @TempDir
    private Path folder;

    private EtcdServer etcd;
    private final List<EtcdPlane> planes = new ArrayList<>();

    @BeforeEach
    void start() {
        etcd = new EtcdServer(folder);
    }

    @AfterEach
    void end() {
        planes.forEach(EtcdPlane::close);
        if (etcd != null) etcd.close();
    }

    private static IpAddress ip(String text) {
        return IpAddress.of(InetAddress.ofLiteral(text));
    }

    private EtcdSettings settings(Duration ttl, Duration watchPeriod) {
        return new EtcdSettings(
                "reg", List.of(etcd.endpoint()), PREFIX, ttl, watchPeriod, false, TlsFiles.NONE, Optional.empty());
    }

    private EtcdPlane plane(Seen seen, Duration ttl, Duration watchPeriod) {
        EtcdPlane plane = new EtcdPlane(settings(ttl, watchPeriod));
        planes.add(plane);
        plane.start(seen);
        return plane;
    }

    private EtcdPlane plane(Seen seen) {
        return plane(seen, Duration.ofSeconds(60), Duration.ofSeconds(60));
    }

    private static Claim.Station station(IpAddress vtep, long mac, int sequence) {
        return new Claim.Station(VNI, mac, vtep, sequence, false, List.of(ip("198.19.0.1"), ip("fd00::1")));
    }

    private static LocalState state(IpAddress vtep, Claim.Station... stations) {
        return new LocalState(vtep, "host", "one", true, List.of(new Claim.Member(VNI, vtep, true)), List.of(stations));
    }

    /** Another gateway puts a station there. */
    private void put(IpAddress vtep, long mac, String value) {
        Layout layout = new Layout(PREFIX);
        etcd.control("put", layout.key(new Claim.StationKey(VNI, mac, vtep)), value);
    }

    private List<String> keys() {
        return etcd.control("get", "--prefix", "--keys-only", PREFIX)
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
    }

    @Test
    void twoGatewaysSeeEachOther() {
        Seen a = new Seen();
        Seen b = new Seen();
        EtcdPlane planeA = plane(a);
        EtcdPlane planeB = plane(b);
        planeA.announce(state(A, station(A, 0x0200_0000_0001L, 0)));
        planeB.announce(state(B, station(B, 0x0200_0000_0002L, 7)));
        a.awaitClaim(station(B, 0x0200_0000_0002L, 7));
        a.awaitClaim(new Claim.Vtep(B, "host", "one"));
        a.awaitClaim(new Claim.Member(VNI, B, true));
        b.awaitClaim(station(A, 0x0200_0000_0001L, 0));
        a.awaitState(PlaneState.LIVE);
        assertEquals(List.of(PlaneState.CONNECTING, PlaneState.SYNCING, PlaneState.LIVE), a.states());
        a.await("3 keys announced", seen -> seen.announced() == 3);
        assertEquals(List.of(), a.malformed());

        planeB.announce(state(B));
        a.awaitGone(new Claim.StationKey(VNI, 0x0200_0000_0002L, B));
        planeB.announce(LocalState.nothing(B, "host", "one"));
        a.awaitGone(new Claim.VtepKey(B));
        b.await("nothing announced", seen -> seen.announced() == 0);
        assertTrue(keys().stream().noneMatch(key -> key.contains("198.18.1.2")), keys().toString());
        assertEquals(3, keys().size());
    }

    /** So large that pages shrink to one key, and not in UTF-8, so that a key's text comes before the key. */
    @Test
    void keysThatAreNoTextDoNotHoldUpThePicture() {
        for (int i = 1; i <= 12; i++) {
            String key = PREFIX + "/vteps/\\xff\\x%02x".formatted(i);
            Command.output(
                    "bash",
                    "-c",
                    "head -c 1000000 /dev/zero | tr '\\0' x | etcdctl --endpoints=" + etcd.endpoint() + " put $'" + key
                            + "'");
        }
        Seen seen = new Seen();
        plane(seen);
        seen.awaitState(PlaneState.LIVE);
        assertEquals(12, seen.malformed().size(), "each once");
    }

    @Test
    void aKilledRegistryLosesNothingAndTellsNothingTwice() {
        Seen seen = new Seen();
        EtcdPlane plane = plane(seen);
        plane.announce(state(A, station(A, 1L << 41 | 1, 0)));
        put(B, 1L << 41 | 2, "{\"seq\":1}");
        Claim.Station before = new Claim.Station(VNI, 1L << 41 | 2, B, 1, false, List.of());
        seen.awaitClaim(before);
        seen.await("announced", its -> its.announced() == 3);
        int events = seen.events();
        int pictures = seen.pictures();

        etcd.kill();
        seen.awaitState(PlaneState.AWAY);
        assertEquals(before, seen.claim(before.key()));
        etcd.restart();
        put(B, 1L << 41 | 3, "{\"seq\":1}");
        seen.awaitClaim(new Claim.Station(VNI, 1L << 41 | 3, B, 1, false, List.of()));
        seen.awaitState(PlaneState.LIVE);
        assertEquals(events + 1, seen.events());
        assertEquals(pictures, seen.pictures());
        assertEquals(5, keys().size(), keys().toString());
    }

    @Test
    void aRegistryThatHangsIsAwayWithinTheWatchPeriod() {
        Duration period = Duration.ofSeconds(4);
        Seen seen = new Seen();
        EtcdPlane plane = plane(seen, Duration.ofSeconds(60), period);
        seen.awaitState(PlaneState.LIVE);
        etcd.pause();
        long began = System.nanoTime();
        seen.awaitState(PlaneState.AWAY);
        long millis = (System.nanoTime() - began) / 1_000_000;
        assertTrue(millis <= period.toMillis(), millis + " ms");
        etcd.resume();
        put(B, 1L << 41 | 2, "{}");
        seen.awaitClaim(new Claim.Station(VNI, 1L << 41 | 2, B, 0, false, List.of()));
        seen.awaitState(PlaneState.LIVE);
        assertEquals(1, seen.pictures());
        plane.close();
    }

    @Test
    void aWatchIsOpenedAnewAndMissesNothing() {
        Duration period = Duration.ofSeconds(4); // an answer has a quarter of it, on a busy machine too
        Seen seen = new Seen();
        plane(seen, Duration.ofSeconds(60), period);
        seen.awaitState(PlaneState.LIVE);
        int count = 0;
        for (long began = System.nanoTime(); System.nanoTime() - began < 3 * period.toNanos(); count++) {
            put(B, 1L << 41 | count, "{\"seq\":" + count + "}");
        }
        int all = count;
        seen.await(all + " stations", its -> its.claims().size() == all);
        assertEquals(all, seen.events());
        assertEquals(1, seen.pictures());
        assertFalse(seen.states().contains(PlaneState.AWAY), seen.toString());
    }

    @Test
    void aCompactionCostsOnePicture() {
        Seen seen = new Seen();
        plane(seen);
        put(B, 1L << 41 | 1, "{}");
        put(B, 1L << 41 | 2, "{}");
        seen.await("two claims", its -> its.claims().size() == 2);
        etcd.kill();
        seen.awaitState(PlaneState.AWAY);
        etcd.restartElsewhere();
        etcd.control("del", new Layout(PREFIX).key(new Claim.StationKey(VNI, 1L << 41 | 1, B)));
        for (int i = 0; i < 10; i++) put(B, 1L << 41 | 3, "{\"seq\":" + i + "}");
        String status = etcd.control("get", "--write-out=json", "nothing");
        String revision = status.replaceAll(".*\"revision\":([0-9]+).*", "$1").strip();
        etcd.control("compact", revision);
        etcd.kill();
        etcd.restart();
        seen.awaitState(PlaneState.LIVE);
        seen.awaitGone(new Claim.StationKey(VNI, 1L << 41 | 1, B));
        seen.awaitClaim(new Claim.Station(VNI, 1L << 41 | 3, B, 9, false, List.of()));
        seen.await("one more picture", its -> its.pictures() == 2);
        put(B, 1L << 41 | 4, "{}");
        seen.await("it goes on", its -> its.claims().size() == 3);
        assertEquals(2, seen.pictures());
    }

    @Test
    void anOlderStoreIsReadAnew() throws IOException {
        Seen seen = new Seen();
        plane(seen);
        put(B, 1L << 41 | 1, "{}");
        seen.await("one claim", its -> its.claims().size() == 1);
        etcd.kill();
        Command.output("cp", "-a", etcd.data().toString(), folder.resolve("old").toString());
        etcd.restart();
        put(B, 1L << 41 | 2, "{}");
        put(B, 1L << 41 | 3, "{}");
        seen.await("three claims", its -> its.claims().size() == 3);
        etcd.kill();
        seen.awaitState(PlaneState.AWAY);
        Command.output("rm", "-r", etcd.data().toString());
        Files.move(folder.resolve("old"), etcd.data());
        etcd.restart();
        seen.await("the older picture", its -> its.claims().size() == 1);
        seen.awaitState(PlaneState.LIVE);
        assertEquals(2, seen.pictures());
    }

    @Test
    void keysComeBackAfterTheLeaseWasRevokedAndAfterTheyWereDeleted() {
        Seen own = new Seen();
        Seen other = new Seen();
        EtcdPlane plane = plane(own, Duration.ofSeconds(8), Duration.ofSeconds(60));
        plane(other);
        Claim.Station station = station(A, 1L << 41 | 1, 0);
        plane.announce(state(A, station));
        other.awaitClaim(station);
        String lease = etcd.control("lease", "list").lines().skip(1).findFirst().orElseThrow();
        etcd.control("lease", "revoke", lease.strip());
        long gone = other.awaitGone(station.key());
        other.awaitClaim(station);
        long away = Objects.requireNonNull(other.time(station)) - gone;
        assertTrue(away < 8_000_000_000L, "longer than the lease");

        etcd.control("del", "--prefix", PREFIX);
        other.awaitGone(station.key());
        other.awaitClaim(station);
        other.await("member again", seen -> seen.claims().size() == 3);

        plane.announce(state(A, station(A, 1L << 41 | 1, 5)));
        other.awaitClaim(station(A, 1L << 41 | 1, 5));
        etcd.control("put", new Layout(PREFIX).key(station.key()), "{\"seq\":99}");
        Claim.Station foreign = new Claim.Station(VNI, 1L << 41 | 1, A, 99, false, List.of());
        other.await("what another wrote", seen -> seen.time(foreign) != null);
        other.awaitClaim(station(A, 1L << 41 | 1, 5));
    }

    @Test
    void aGatewayThatDiesIsForgottenAfterItsLease() {
        Seen own = new Seen();
        Seen other = new Seen();
        EtcdPlane plane = plane(own, Duration.ofSeconds(2), Duration.ofSeconds(60));
        plane(other);
        plane.announce(state(A));
        other.awaitClaim(new Claim.Vtep(A, "host", "one"));
        plane.close();
        other.awaitGone(new Claim.VtepKey(A));
    }

    @Test
    void keysOfAnEarlierStartAreTakenOverAndSwept() {
        Seen first = new Seen();
        EtcdPlane earlier = plane(first);
        earlier.announce(state(A, station(A, 1L << 41 | 1, 0), station(A, 1L << 41 | 2, 0)));
        first.await("4 keys", seen -> seen.announced() == 4);
        earlier.close();
        Seen second = new Seen();
        EtcdPlane later = plane(second);
        later.announce(state(A, station(A, 1L << 41 | 1, 0)));
        second.await("3 keys", seen -> seen.announced() == 3);
        assertEquals(3, keys().size(), keys().toString());
    }

    @Test
    void malformedValuesLeaveWhatWasBefore() {
        Seen seen = new Seen();
        EtcdPlane plane = plane(seen);
        put(B, 1L << 41 | 1, "{\"seq\":1}");
        put(B, 1L << 41 | 2, "{\"seq\":2}");
        seen.await("two", its -> its.claims().size() == 2);
        put(B, 1L << 41 | 1, "{\"seq\":-1}");
        put(B, 1L << 41 | 2, "{\"seq\":2,\"vtep\":\"198.18.1.9\"}");
        etcd.control("put", PREFIX + "/vteps/198.18.1.2/vnis/042", "{}");
        seen.await("three malformed", its -> its.malformed().size() == 3);
        plane.resync();
        seen.await("another picture", its -> its.pictures() == 2);
        assertEquals(2, seen.claims().size());
        assertEquals(6, seen.malformed().size(), seen.malformed().toString());
        assertTrue(seen.malformed().get(0).contains("\"seq\""), seen.malformed().toString());
        seen.awaitState(PlaneState.LIVE);
    }

    @Test
    void rolesBindAGatewayToItsOwnKeys() throws Exception {
        String own = new Layout(PREFIX).key(new Claim.VtepKey(A));
        etcd.control("user", "add", "root:r");
        etcd.control("user", "grant-role", "root", "root");
        etcd.control("role", "add", "gw");
        etcd.control("role", "grant-permission", "gw", "read", "--prefix=true", PREFIX + "/");
        etcd.control("role", "grant-permission", "gw", "readwrite", own);
        etcd.control("role", "grant-permission", "gw", "readwrite", "--prefix=true", own + "/");
        etcd.control("user", "add", "gw:secret");
        etcd.control("user", "grant-role", "gw", "gw");
        etcd.control("auth", "enable");
        Path password = folder.resolve("password");
        Files.writeString(password, "secret\n");
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));

        Seen nobody = new Seen();
        plane(nobody);
        nobody.awaitState(PlaneState.REFUSED);

        EtcdSettings all = settings(Duration.ofSeconds(60), Duration.ofSeconds(60));
        EtcdSettings as = new EtcdSettings(
                "reg",
                all.endpoints(),
                PREFIX,
                all.ttl(),
                all.watchPeriod(),
                false,
                TlsFiles.NONE,
                Optional.of(new EtcdSettings.Login("gw", password)));
        Seen seen = new Seen();
        EtcdPlane plane = new EtcdPlane(as);
        planes.add(plane);
        plane.start(seen);
        plane.announce(state(A));
        seen.await("announced", its -> its.announced() == 2);
        seen.awaitState(PlaneState.LIVE);

        plane.announce(state(B));
        seen.await("refused to write", its -> its.why().contains("code 7"));
        assertEquals(PlaneState.LIVE, seen.state());
        plane.announce(state(A));
        seen.await("announced again", its -> its.announced() == 2 && its.why().isEmpty());

        Files.writeString(password, "wrong\n");
        Seen wrong = new Seen();
        EtcdPlane stranger = new EtcdPlane(as);
        planes.add(stranger);
        stranger.start(wrong);
        wrong.awaitState(PlaneState.REFUSED);
        assertTrue(wrong.why().contains("authentication failed"), wrong.why());
    }

    @Test
    void whatIsWantedOnceMoreIsAnsweredOnceMore() {
        Seen a = new Seen();
        EtcdPlane plane = plane(a);
        plane.announce(state(A));
        a.await("2 keys announced", seen -> seen.announced() == 2);
        plane.announce(LocalState.nothing(A, "host", "one"));
        a.await("nothing announced", seen -> seen.announced() == 0);
        int answers = a.answers();
        plane.announce(LocalState.nothing(A, "host", "one"));
        a.await("another answer", seen -> seen.answers() > answers);
        assertEquals(0, a.announced());
    }
}
