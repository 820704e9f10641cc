package dev.peregrine.controlplane.gobgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** EVPN through a gobgpd with another VTEP: FRR and the kernel's VXLAN. */
@Tag("live")
class GobgpPlaneLiveTest {
    private static final long MAC_A = 0x02_00_00_00_42_01L;
    private static final String TEXT_A = "02:00:00:00:42:01";
    private static final long MAC_B = 0x02_00_00_00_42_02L;
    private static final String TEXT_B = "02:00:00:00:42:02";
    private static final String ADDRESS_B = "198.19.1.2";

    private GobgpLab lab;

    @BeforeEach
    void open() {
        lab = GobgpLab.withPlane();
    }

    @AfterEach
    void close() {
        if (lab != null) lab.close();
    }

    private boolean isRemoteAtA(String mac) {
        return lab.forwardingAtA().contains(mac + " dst " + GobgpLab.VTEP_B);
    }

    @Test
    void stationsAndMembershipGoBothWays() {
        lab.announce(1, GobgpLab.own(GobgpLab.VNI, MAC_B, 0, ADDRESS_B));
        lab.await("our MAC at A", () -> isRemoteAtA(TEXT_B));
        lab.await("floods to go to us", () -> isRemoteAtA("00:00:00:00:00:00"));
        lab.await("our address at A", () -> lab.hostA.ip("neigh show dev br42").contains(ADDRESS_B));
        lab.await("FRR to say so", () -> lab.frrA.show("show evpn vni 42").contains(GobgpLab.VTEP_B + " flood: HER"));
        lab.await("three claims", () -> lab.feed.announced() == 3);

        lab.stationAtA("add", TEXT_A);
        lab.hostA.ip("neigh add 198.19.1.1 lladdr " + TEXT_A + " dev br42 nud noarp");
        lab.await("A's membership", () -> lab.feed.find(new Claim.MemberKey(GobgpLab.VNI, GobgpLab.A)) != null);
        assertEquals(
                new Claim.Member(GobgpLab.VNI, GobgpLab.A, true),
                lab.feed.find(new Claim.MemberKey(GobgpLab.VNI, GobgpLab.A)));
        assertEquals(new Claim.Vtep(GobgpLab.A, "", ""), lab.feed.find(new Claim.VtepKey(GobgpLab.A)));
        Claim.Station expected =
                new Claim.Station(GobgpLab.VNI, MAC_A, GobgpLab.A, 0, false, List.of(GobgpLab.ip("198.19.1.1")));
        lab.await("A's station", () -> expected.equals(lab.feed.find(GobgpLab.station(MAC_A))));

        lab.stationAtA("del", TEXT_A);
        lab.await("A's withdrawal", () -> lab.feed.find(GobgpLab.station(MAC_A)) == null);
        lab.announce(1);
        lab.await("our withdrawal at A", () -> !lab.forwardingAtA().contains(TEXT_B));
        assertEquals(PlaneState.LIVE, lab.feed.state());
        assertEquals(List.of(), lab.feed.malformed());
    }

    @Test
    void aMacMovesBothWays() {
        lab.stationAtA("add", TEXT_A);
        lab.await("A's station", () -> lab.feed.find(GobgpLab.station(MAC_A)) != null);
        lab.announce(1, GobgpLab.own(GobgpLab.VNI, MAC_A, 1));
        lab.await("the MAC with us", () -> isRemoteAtA(TEXT_A));
        lab.await("A's withdrawal", () -> lab.feed.find(GobgpLab.station(MAC_A)) == null);
        lab.stationAtA("replace", TEXT_A);
        lab.await(
                "a higher sequence of A",
                () -> lab.feed.find(GobgpLab.station(MAC_A)) instanceof Claim.Station its && its.sequence() == 2);
    }

    /** gobgpd 3.10 has one sequence for a MAC address in all VNIs, and refuses a lower one. */
    @Test
    void theSameMacInAnotherVniDoesNotKeepOursAway() {
        lab.announce(2, GobgpLab.own(GobgpLab.VNI, MAC_B, 5));
        lab.await(
                "the sequence at A",
                () -> lab.frrA
                        .show("show evpn mac vni 42")
                        .matches("(?s).*" + TEXT_B + "\\s+remote\\s[^\n]*\\s0/5\\s.*"));
        lab.announce(2, GobgpLab.own(GobgpLab.VNI, MAC_B, 5), GobgpLab.own(GobgpLab.VNI + 1, MAC_B, 0));
        lab.await(
                "the MAC in the other VNI",
                () -> lab.forwardingAtA(GobgpLab.VNI + 1).contains(TEXT_B + " dst " + GobgpLab.VTEP_B));
        assertTrue(isRemoteAtA(TEXT_B));
    }

    @Test
    void whatSomebodyRemovesComesBack() {
        lab.announce(1, GobgpLab.own(GobgpLab.VNI, MAC_B, 0));
        lab.await("our MAC at A", () -> isRemoteAtA(TEXT_B));
        lab.gobgpd.control("global", "rib", "del", "all", "-a", "evpn");
        lab.await("all to go", () -> !isRemoteAtA("00:00:00:00:00:00"));
        lab.await("our MAC at A again", () -> isRemoteAtA(TEXT_B) && isRemoteAtA("00:00:00:00:00:00"));
    }

    @Test
    void anEndLeavesRoutesAndAnOrderlyOneDoesNot() {
        lab.announce(1, GobgpLab.own(GobgpLab.VNI, MAC_B, 0));
        lab.await("our MAC at A", () -> isRemoteAtA(TEXT_B));
        lab.plane().close();
        assertTrue(lab.gobgpd.control("global", "rib", "-a", "evpn").contains(TEXT_B), "for the next start");

        lab.startPlane();
        lab.announce(1);
        lab.await("what is not there any more to go", () -> !isRemoteAtA(TEXT_B));
        assertTrue(isRemoteAtA("00:00:00:00:00:00"));
        lab.plane().announce(LocalState.nothing(GobgpLab.B, "hostB", "1"));
        lab.plane().close();
        assertFalse(
                lab.gobgpd.control("global", "rib", "-a", "evpn").contains(GobgpLab.VTEP_B + ":42"),
                "what was announced last is done before the end");
    }
}
