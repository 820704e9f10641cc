package dev.peregrine.controlplane.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.resolve.report.Refusal;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.vxlan.AllowList;
import dev.peregrine.vxlan.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Single rules of {@link Resolver}: whom it believes, and what it tells the tables. */
class ResolverTest extends OnePlane {
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

    private static Claim.Station withAddress(long mac) {
        return new Claim.Station(42, mac, A, 0, false, List.of(RandomClaims.vtep(100 + (int) (mac - MAC))));
    }

    @Test
    void whatIsToldAgainIsAllThatThereIs() {
        picture(withAddress(MAC), withAddress(MAC + 1), new Claim.Member(42, A, true));
        pass(SECOND);
        String before = tables.text();
        tables.stations.clear();
        tables.neighbours.clear();
        tables.members.clear();
        resolver.tellAgain(42);
        pass(SECOND);
        assertEquals(before, tables.text());
        int calls = tables.calls;
        pass(SECOND);
        assertEquals(calls, tables.calls, "once");
    }

    @Test
    void claimsThatEndBeforeTheyAreToldAgainAreTakenBack() {
        picture(withAddress(MAC), new Claim.Member(42, A, true));
        pass(SECOND);
        assertEquals(1, tables.neighbours.size());
        resolver.tellAgain(42);
        resolver.plane(new PlaneSettings("p", allow(9, 32), 9, 9, 9), plane); // forbids them
        pass(SECOND);
        assertEquals("vteps {}\nstations {}\nneighbours {}\nmembers {}", tables.text());
    }

    @Test
    void aVtepIsForgottenThoughAMemberListIsRefused() {
        picture(station(MAC, A, 0), new Claim.Member(42, B, true));
        pass(SECOND);
        tables.refuses = key -> key.startsWith("members");
        feed.claim(new Claim.Member(42, RandomClaims.vtep(3), true));
        pass(SECOND);
        feed.withdraw(station(MAC, A, 0).key());
        pass(5 * SECOND);
        assertFalse(tables.vteps.containsKey(A.toString()), tables::text);
        assertEquals(List.of(B), tables.members.get("members 42"), "as it was taken last");
        tables.refuses = key -> false;
        pass(SECOND);
        assertEquals(List.of(RandomClaims.vtep(3), B), tables.members.get("members 42"));
    }
}
