package dev.peregrine.controlplane.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.resolve.report.Claimed;
import dev.peregrine.controlplane.resolve.report.PlaneStatus;
import dev.peregrine.controlplane.resolve.report.Refusal;
import dev.peregrine.controlplane.resolve.report.ResolverEvents;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.vxlan.AllowList;
import dev.peregrine.vxlan.IpAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Single rules of {@link Resolver}, with the time in hand. */
class ResolverTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long MAC = 0x0200_0000_4202L;
    private static final IpAddress OWN = RandomClaims.vtep(5);
    private static final IpAddress A = RandomClaims.vtep(2);
    private static final IpAddress B = RandomClaims.vtep(9);

    private final RecordedTables tables = new RecordedTables();
    private final FakePlane plane = new FakePlane();
    private Resolver resolver = resolver(ResolverSettings.DEFAULT);
    private Feed feed = added(new PlaneSettings("p"));
    private long now;

    private static Resolver resolver(ResolverSettings settings) {
        return new Resolver(OWN, "here", "1", settings, ResolverEvents.NONE);
    }

    private Feed added(PlaneSettings settings) {
        Feed added = resolver.plane(settings, plane);
        resolver.vni(42, List.of("p"), false, 0);
        return added;
    }

    private void use(ResolverSettings settings) {
        resolver = resolver(settings);
        feed = added(new PlaneSettings("p"));
    }

    private static Claim.Station station(long mac, IpAddress vtep, int sequence) {
        return new Claim.Station(42, mac, vtep, sequence, false, List.of());
    }

    private void pass(long nanos) {
        now += nanos;
        settle();
    }

    private void settle() {
        long next = resolver.tick(now);
        while (resolver.drain(tables, 100) || next == 0) next = resolver.tick(now);
    }

    private void picture(Claim... claims) {
        feed.begin();
        for (Claim claim : claims) feed.claim(claim);
        feed.complete();
        feed.state(PlaneState.LIVE, "");
        settle();
    }

    private PlaneStatus status() {
        return resolver.planes().getFirst();
    }

    private String where(long mac) {
        return tables.stations.getOrDefault(RecordedTables.station(42, mac), "nowhere");
    }

    private LocalState published() {
        pass(SECOND / 10);
        return plane.announced.getLast();
    }

    private static Claim[] stations(int from, int to, IpAddress vtep) {
        return IntStream.range(from, to)
                .mapToObj(i -> station(MAC + i, vtep, 0))
                .toArray(Claim[]::new);
    }

    @Test
    void aWithdrawnStationStaysForADelayAndForGoodWhenItIsClaimedAgain() {
        picture(station(MAC, A, 0));
        feed.withdraw(station(MAC, A, 0).key());
        pass(SECOND - 1);
        assertEquals("10.0.0.2 p 0", where(MAC));
        int calls = tables.calls;
        feed.claim(station(MAC, A, 0));
        pass(10 * SECOND);
        assertEquals(calls, tables.calls);
        feed.withdraw(station(MAC, A, 0).key());
        pass(SECOND);
        assertEquals("nowhere", where(MAC));
        assertTrue(tables.vteps.isEmpty());
    }

    @Test
    void whatIsWithdrawnWhenAPlaneComesBackWaitsForItsClaimants() {
        picture(station(MAC, A, 0), station(MAC + 1, A, 0), station(MAC + 2, A, 0));
        feed.state(PlaneState.AWAY, "");
        pass(SECOND);
        feed.state(PlaneState.LIVE, "");
        feed.withdraw(station(MAC, A, 0).key());
        feed.withdraw(station(MAC + 1, A, 0).key());
        feed.withdraw(station(MAC + 2, A, 0).key());
        feed.claim(station(MAC + 2, B, 0));
        pass(29 * SECOND);
        assertEquals("10.0.0.2 p 0", where(MAC));
        assertEquals("10.0.0.9 p 0", where(MAC + 2), "a move does not wait");
        feed.claim(station(MAC, A, 0));
        pass(SECOND);
        assertEquals("10.0.0.2 p 0", where(MAC));
        assertEquals("nowhere", where(MAC + 1));
        feed.withdraw(station(MAC, A, 0).key());
        pass(SECOND);
        assertEquals("nowhere", where(MAC), "later ones are as ever");
    }

    @Test
    void aMoveIsMadeAtOnceThoughTheOldClaimHadTheHigherSequence() {
        picture(station(MAC, A, 7));
        feed.claim(station(MAC, B, 0));
        settle();
        assertEquals("10.0.0.2 p 7", where(MAC));
        feed.withdraw(station(MAC, A, 7).key());
        settle();
        assertEquals("10.0.0.9 p 0", where(MAC));
    }

    @Test
    void claimsOfAPlaneThatIsAwayHoldAndThenGo() {
        picture(station(MAC, A, 0));
        feed.state(PlaneState.AWAY, "connection refused");
        pass(599 * SECOND);
        assertEquals(SECOND, status().holdLeftNanos());
        assertEquals("10.0.0.2 p 0", where(MAC));
        feed.state(PlaneState.SYNCING, "");
        pass(SECOND);
        assertEquals("nowhere", where(MAC));
        assertEquals(-1, status().holdLeftNanos());
    }

    @Test
    void nothingIsRemovedBeforeThePlaneIsLive() {
        feed.state(PlaneState.SYNCING, "");
        picture(station(MAC, A, 0));
        feed.state(PlaneState.AWAY, "");
        feed.withdraw(station(MAC, A, 0).key());
        pass(100 * SECOND);
        assertEquals("10.0.0.2 p 0", where(MAC));
        feed.state(PlaneState.LIVE, "");
        pass(29 * SECOND);
        assertEquals("10.0.0.2 p 0", where(MAC));
        pass(SECOND);
        assertEquals("nowhere", where(MAC));
    }

    @Test
    void anEmptyPictureWaitsForASecondLook() {
        picture(stations(0, 20, A));
        picture(stations(100, 101, B));
        pass(29 * SECOND);
        assertEquals(21, tables.stations.size(), "additions apply, removals wait");
        assertEquals(20, status().guarded());
        assertEquals(0, plane.resyncs);
        pass(SECOND);
        assertEquals(1, plane.resyncs);
        pass(100 * SECOND);
        assertEquals(21, tables.stations.size(), "the second look has not come");
        picture(stations(100, 101, B));
        pass(0);
        assertEquals(1, tables.stations.size());
        assertEquals(0, status().guarded());
    }

    @Test
    void whatComesBackMeanwhileEndsTheWait() {
        picture(stations(0, 20, A));
        picture();
        pass(5 * SECOND);
        assertEquals(20, status().guarded());
        picture(stations(0, 15, A));
        pass(2 * SECOND);
        assertEquals(15, tables.stations.size());
        assertEquals(0, plane.resyncs);
    }

    @Test
    void withdrawalsWithinFiveSecondsAreGuardedAsAPictureIs() {
        picture(stations(0, 40, A));
        for (int i = 0; i < 30; i++) {
            feed.withdraw(station(MAC + i, A, 0).key());
            pass(SECOND / 10);
        }
        pass(20 * SECOND);
        assertTrue(tables.stations.size() > 20, () -> "left: " + tables.stations.size());
        resolver.resync("p", true);
        pass(0);
        assertEquals(10, tables.stations.size());
    }

    @Test
    void aFewMayGoAtOnceAndSoMayAHalf() {
        picture(stations(0, 10, A));
        picture();
        pass(SECOND);
        assertEquals(0, tables.stations.size());
        pass(10 * SECOND);
        picture(stations(0, 100, A));
        picture(stations(0, 50, A));
        pass(SECOND);
        assertEquals(50, tables.stations.size());
    }

    @Test
    void aRestoredPictureIsAwaySinceItsTime() {
        feed.begin();
        feed.claim(station(MAC, A, 0));
        feed.complete();
        resolver.restored("p", 500 * SECOND);
        pass(99 * SECOND);
        assertEquals("10.0.0.2 p 0", where(MAC));
        pass(SECOND);
        assertEquals("nowhere", where(MAC));
    }

    @Test
    void aMalformedClaimKeepsWhatItSaidBefore() {
        picture(station(MAC, A, 3));
        feed.begin();
        feed.malformed(station(MAC, A, 3).key(), "key /x: no number");
        feed.complete();
        pass(10 * SECOND);
        assertEquals("10.0.0.2 p 3", where(MAC));
        assertEquals(1L, status().refused().get(Refusal.MALFORMED));
        assertEquals("key /x: no number", status().lastRefused());
    }

    @Test
    void claimsAreRefusedForNamedReasons() {
        AllowList allow = allow(0, 29);
        feed = added(new PlaneSettings("p", allow, 1, 2, 1));
        refuses(Refusal.VTEP_NOT_ALLOWED, station(MAC, B, 0));
        refuses(Refusal.OWN_VTEP, station(MAC, OWN, 0));
        refuses(Refusal.WRONG_FAMILY, station(MAC, new IpAddress(0xfd00_0000_0000_0000L, 1), 0));
        refuses(Refusal.VTEP_NOT_UNICAST, station(MAC, new IpAddress(0, 0xffff_e000_0001L), 0));
        refuses(Refusal.VNI_NOT_CONFIGURED, new Claim.Member(43, A, true));
        refuses(Refusal.MAC_NOT_UNICAST, station(0x0100_5e00_0001L, A, 0));
        refuses(Refusal.MAC_NOT_UNICAST, station(1L << 48 | MAC, A, 0));
        List<IpAddress> many =
                IntStream.range(0, 65).mapToObj(RandomClaims::vtep).toList();
        refuses(
                Refusal.ADDRESS_NOT_UNICAST,
                new Claim.Station(42, MAC, A, 0, false, List.of(new IpAddress(0, 0xffff_e000_0001L))));
        refuses(Refusal.TOO_MANY_ADDRESSES, new Claim.Station(42, MAC, A, 0, false, many));
        picture(station(MAC, A, 0));
        refuses(Refusal.TOO_MANY_VTEPS, station(MAC, RandomClaims.vtep(3), 0));
        refuses(Refusal.TOO_MANY_MACS_OF_VTEP, station(MAC + 1, A, 0));
        feed.claim(station(MAC, A, 1));
        settle();
        assertEquals("10.0.0.2 p 1", where(MAC), "a change of what is there is no addition");
    }

    @Test
    void whatWasRefusedForWantOfRoomIsAskedForWhenThereIsRoom() {
        resolver.plane(new PlaneSettings("p", null, 9, 2, 9), plane);
        picture(stations(0, 3, A));
        int asked = plane.resyncs;
        pass(60 * SECOND);
        assertEquals(asked, plane.resyncs, "nothing has gone");
        feed.withdraw(station(MAC, A, 0).key());
        pass(2 * SECOND);
        assertEquals(asked + 1, plane.resyncs);
        picture(stations(1, 4, A));
        assertEquals("10.0.0.2 p 0", where(MAC + 2), "it came with the picture");
        feed.withdraw(station(MAC + 1, A, 0).key());
        pass(2 * SECOND);
        assertEquals(asked + 1, plane.resyncs, "not all the time");
        pass(10 * SECOND);
        assertEquals(asked + 2, plane.resyncs);
    }

    @Test
    void namesAndReasonsOfOthersDoNotControlATerminal() {
        picture(new Claim.Vtep(A, "h\u001b[2J\u202e\u009b1m", "x".repeat(300)));
        Claim.Vtep held = (Claim.Vtep) claims().getFirst();
        assertEquals("h?[2J??1m", held.node());
        assertEquals(256, held.instance().length());
        feed.state(PlaneState.AWAY, "gone\nfor ever");
        feed.malformed(null, "bad \u001b]0;title");
        assertEquals("gone?for ever", status().why());
        assertEquals("bad ?]0;title", status().lastRefused());
    }

    private List<Claim> claims() {
        List<Claim> all = new ArrayList<>();
        resolver.claims(claimed -> all.add(claimed.claim()));
        return all;
    }

    @Test
    void allIsWithdrawnWhenThePlaneHasSaidSo() {
        assertTrue(resolver.isWithdrawn(), "nothing was told to it");
        resolver.publish(true);
        picture();
        published();
        assertFalse(resolver.isWithdrawn(), "it may be writing");
        feed.announced(1);
        resolver.publish(false);
        pass(SECOND);
        assertFalse(plane.announced.getLast().published());
        feed.announced(1); // what it had written before
        assertFalse(resolver.isWithdrawn());
        feed.announced(0);
        assertTrue(resolver.isWithdrawn());
        feed.announced(1);
        feed.state(PlaneState.AWAY, "");
        assertTrue(resolver.isWithdrawn(), "it cannot be reached");
    }

    private static AllowList allow(int host, int length) {
        return AllowList.of(List.of(new Prefix(RandomClaims.vtep(host).toInetAddress(), length)));
    }

    private void refuses(Refusal reason, Claim claim) {
        long before = status().refused().getOrDefault(reason, 0L);
        feed.claim(claim);
        assertEquals(before + 1, status().refused().getOrDefault(reason, 0L), () -> claim + ": " + status());
    }

    @Test
    void stricterLimitsEndWhatTheyForbid() {
        picture(station(MAC, A, 0), station(MAC + 1, B, 0));
        resolver.plane(new PlaneSettings("p", allow(9, 32), 9, 9, 9), plane);
        settle();
        assertEquals("nowhere", where(MAC));
        assertEquals("10.0.0.9 p 0", where(MAC + 1));
    }

    @Test
    void aMacThatShowsUpHereIsAnnouncedWithTheNextSequence() {
        resolver.publish(true);
        picture(station(MAC, A, 6));
        resolver.localAppeared(42, MAC, Local.LEARNED, List.of());
        LocalState state = published();
        assertEquals("nowhere", where(MAC));
        assertEquals(7, state.stations().getFirst().sequence());
        feed.claim(station(MAC, A, 8));
        assertEquals(List.of(), published().stations());
        assertEquals("10.0.0.2 p 8", where(MAC));
    }

    @Test
    void aPortInsistsAtMostAsOftenAsADuplicateMoves() {
        resolver.publish(true);
        picture();
        resolver.localAppeared(42, MAC, Local.PORT, List.of(B));
        assertEquals(0, published().stations().getFirst().sequence());
        for (int sequence = 1; sequence < 20; sequence += 2) {
            feed.claim(station(MAC, A, sequence));
            published();
        }
        assertEquals(10, published().stations().getFirst().sequence());
        assertEquals("nowhere", where(MAC));
        assertEquals(1, resolver.duplicates());
        pass(180 * SECOND);
        assertEquals(20, published().stations().getFirst().sequence(), "a new window begins");
        assertEquals(10, status().conflicts());
    }

    @Test
    void aDuplicateIsFrozenUntilItIsLetGo() {
        ResolverSettings base = ResolverSettings.DEFAULT;
        use(new ResolverSettings(
                base.withdrawDelay(), base.hold(), base.shrinkHold(), 5, Duration.ofMinutes(3), true, Duration.ZERO));
        picture(station(MAC, A, 0));
        for (int sequence = 1; sequence <= 8; sequence++) {
            feed.claim(station(MAC, sequence % 2 == 0 ? A : B, sequence));
            settle();
        }
        assertEquals("10.0.0.9 p 5", where(MAC));
        pass(3600 * SECOND);
        assertEquals("10.0.0.9 p 5", where(MAC));
        assertEquals(
                Claimed.Standing.FROZEN,
                resolver.claims(42, MAC).stream()
                        .filter(claimed -> claimed.claim().key().vtep().equals(A))
                        .findFirst()
                        .orElseThrow()
                        .standing());
        assertTrue(resolver.unfreeze(42, MAC));
        assertFalse(resolver.unfreeze(42, MAC));
        settle();
        assertEquals("10.0.0.2 p 8", where(MAC));
    }

    @Test
    void anAddressOfAPortIsNobodyElses() {
        resolver.localAppeared(42, MAC, Local.PORT, List.of(RandomClaims.vtep(100)));
        picture(new Claim.Station(42, MAC + 1, A, 0, false, List.of(RandomClaims.vtep(100))));
        assertEquals("10.0.0.2 p 0", where(MAC + 1));
        assertTrue(tables.neighbours.isEmpty());
        resolver.localGone(42, MAC, Local.PORT);
        settle();
        assertEquals(1, tables.neighbours.size());
    }

    @Test
    void whatATableDidNotTakeIsOfferedAgain() {
        tables.refuses = key -> key.startsWith("42 02:");
        picture(station(MAC, A, 0));
        assertEquals("nowhere", where(MAC));
        tables.refuses = key -> false;
        pass(SECOND / 2);
        assertEquals("nowhere", where(MAC));
        pass(SECOND / 2);
        assertEquals("10.0.0.2 p 0", where(MAC));
    }

    @Test
    void aVniThatEndsTakesItsEntriesAlongAndAsksForAPictureWhenItComesBack() {
        picture(station(MAC, A, 0), new Claim.Member(42, A, true));
        resolver.vni(42, List.of(), false, 0);
        settle(); // at the time at which the members were told
        assertEquals("vteps {}\nstations {}\nneighbours {}\nmembers {}", tables.text());
        assertEquals(0, plane.resyncs);
        resolver.vni(42, List.of("p"), false, 0);
        assertEquals(1, plane.resyncs);
    }

    @Test
    void nothingIsAnnouncedBeforeTheGatewayIsReadyAndAllIsWithdrawnAtItsEnd() {
        resolver.localAppeared(42, MAC, Local.PORT, List.of(B));
        pass(SECOND);
        assertEquals(List.of(), plane.announced);
        resolver.publish(true);
        LocalState ready = published();
        assertEquals(List.of(new Claim.Member(42, OWN, true)), ready.members());
        assertEquals(List.of(new Claim.Station(42, MAC, OWN, 0, false, List.of(B))), ready.stations());
        resolver.publish(false);
        assertEquals(LocalState.nothing(OWN, "here", "1"), published());
    }

    @Test
    void learnedMacsAreAnnouncedAtABoundedRateUpToALimit() {
        resolver.vni(42, List.of("p"), true, 30);
        resolver.publish(true);
        picture();
        for (int i = 0; i < 50; i++) resolver.localAppeared(42, MAC + i, Local.LEARNED, List.of());
        assertEquals(10, published().stations().size(), 1);
        for (int i = 0; i < 10; i++) published();
        assertEquals(30, published().stations().size());
    }
}
