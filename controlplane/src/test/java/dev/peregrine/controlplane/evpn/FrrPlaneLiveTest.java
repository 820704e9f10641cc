package dev.peregrine.controlplane.evpn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** EVPN with another VTEP: FRR and the kernel's VXLAN. */
@Tag("live")
class FrrPlaneLiveTest {
    private static final long MAC_A = 0x02_00_00_00_42_01L;
    private static final String TEXT_A = "02:00:00:00:42:01";
    private static final long MAC_B = 0x02_00_00_00_42_02L;
    private static final String TEXT_B = "02:00:00:00:42:02";
    private static final String ADDRESS_B = "198.19.1.2";

    @Test
    void stationsAndMembershipGoBothWays() {
        try (EvpnLab lab = new EvpnLab()) {
            lab.announce(1, EvpnLab.own(EvpnLab.VNI, MAC_B, 0, ADDRESS_B));
            lab.await("our MAC at A", () -> lab.forwardingAtA().contains(TEXT_B + " dst " + EvpnLab.VTEP_B));
            lab.await(
                    "our membership at A",
                    () -> lab.forwardingAtA().contains("00:00:00:00:00:00 dst " + EvpnLab.VTEP_B));
            lab.await(
                    "our address at A",
                    () -> lab.hostA.ip("neigh show dev br42").contains(ADDRESS_B));
            lab.await(
                    "our MAC as remote",
                    () -> lab.frrA.show("show evpn mac vni all").matches("(?s).*" + TEXT_B + "\\s+remote\\s.*"));
            lab.await("the VTEP, its VNI, its station", () -> lab.feed.announced() == 3);

            lab.stationAtA("add", TEXT_A);
            lab.hostA.ip("neigh add 198.19.1.1 lladdr " + TEXT_A + " dev br42 nud noarp");
            lab.await("A's membership", () -> lab.feed.find(new Claim.MemberKey(EvpnLab.VNI, EvpnLab.A)) != null);
            assertEquals(new Claim.Vtep(EvpnLab.A, "", ""), lab.feed.find(new Claim.VtepKey(EvpnLab.A)));
            Claim.Station expected =
                    new Claim.Station(EvpnLab.VNI, MAC_A, EvpnLab.A, 0, false, List.of(EvpnLab.ip("198.19.1.1")));
            lab.await("A's station", () -> expected.equals(lab.feed.find(EvpnLab.station(MAC_A))));

            lab.stationAtA("del", TEXT_A);
            lab.await("A's withdrawal", () -> lab.feed.find(EvpnLab.station(MAC_A)) == null);
            lab.announce(1);
            lab.await("our withdrawal at A", () -> !lab.forwardingAtA().contains(TEXT_B));
            assertEquals(PlaneState.LIVE, lab.feed.state());
        }
    }

    @Test
    void anOrderlyEndLeavesNothing() {
        try (EvpnLab lab = new EvpnLab()) {
            lab.announce(3, EvpnLab.own(EvpnLab.VNI, MAC_B, 0, ADDRESS_B));
            lab.await("our MAC at A", () -> lab.forwardingAtA().contains(TEXT_B));
            int withdrawn = lab.feed.withdrawn().size();
            lab.plane.announce(LocalState.nothing(EvpnLab.B, "hostB", "1"));
            lab.await("our membership to end at A", () -> !lab.forwardingAtA().contains(EvpnLab.VTEP_B));
            assertFalse(lab.forwardingAtA().contains(TEXT_B));
            lab.await("no device of ours", () -> lab.shadowsAtB() == 0);
            lab.plane.close();
            assertEquals(withdrawn, lab.feed.withdrawn().size(), "our own end withdraws nothing of others");

            lab.plane = lab.startPlane();
            lab.announce(1);
            lab.await("devices again", () -> lab.shadowsAtB() == 4);
            lab.plane.announce(LocalState.nothing(EvpnLab.B, "hostB", "1"));
            lab.plane.close();
            assertEquals(0, lab.shadowsAtB(), "what was announced last is done before the end");
        }
    }
}
