package dev.peregrine.controlplane.evpn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.PlaneState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A daemon that ends, or a device that goes, is no withdrawal. */
@Tag("live")
class FrrOutageLiveTest {
    private static final int STATIONS = 20;
    private static final long MAC_B = 0x02_00_00_00_42_02L;
    private static final String TEXT_B = "02:00:00:00:42:02";

    private EvpnLab lab;
    private Map<Claim.Key, Claim> before;

    @BeforeEach
    void stationsAtBothEnds() {
        lab = new EvpnLab();
        for (int i = 0; i < STATIONS; i++) lab.stationAtA("add", "02:00:00:00:41:%02x".formatted(i));
        lab.announce(1, EvpnLab.own(EvpnLab.VNI, MAC_B, 0));
        lab.await("all stations", () -> lab.feed.size() == STATIONS + 2);
        lab.await("our MAC at A", () -> lab.forwardingAtA().contains(TEXT_B));
        before = lab.feed.claims();
    }

    @AfterEach
    void close() {
        lab.close();
    }

    private void isAway() {
        lab.await("the plane to be away", () -> lab.feed.state() == PlaneState.AWAY);
    }

    private void isBackWithoutAChange() {
        lab.awaitLive();
        assertEquals(before, lab.feed.claims());
        assertEquals(List.of(), lab.feed.withdrawn());
        assertEquals(2, lab.feed.pictureChanges(), "the VTEP and its membership of the first picture, and no more");
        lab.await("our MAC at A again", () -> lab.forwardingAtA().contains(TEXT_B + " dst " + EvpnLab.VTEP_B));
    }

    @Test
    void bgpdHereIsKilled() {
        lab.frrB.killBgpd();
        isAway();
        // Its entries go from the kernel about a second later.
        lab.await("zebra to remove entries", () -> !forwardingAtB().contains("02:00:00:00:41:00"));
        assertEquals(before, lab.feed.claims());
        lab.frrB.startBgpd();
        isBackWithoutAChange();
    }

    @Test
    void bgpdThereIsKilled() {
        lab.frrA.killBgpd();
        isAway();
        lab.await("zebra to remove entries", () -> !forwardingAtB().contains("02:00:00:00:41:00"));
        assertEquals(before, lab.feed.claims());
        lab.frrA.startBgpd();
        isBackWithoutAChange();
    }

    @Test
    void zebraHereIsKilled() {
        lab.frrB.killZebra();
        isAway();
        lab.frrB.startZebra();
        isBackWithoutAChange();
    }

    @Test
    void theUnderlayIsCut() {
        lab.hostA.ip("link set uA down");
        isAway();
        lab.hostA.ip("link set uA up");
        lab.awaitLive();
        assertEquals(before, lab.feed.claims());
    }

    @Test
    void aShadowDeviceIsSetDown() {
        lab.hostB.ip("link set pgv42 down");
        lab.await("a second picture", () -> lab.feed.pictures() == 2);
        isBackWithoutAChange();
    }

    @Test
    void bgpdHangs() {
        lab.frrB.bgpd().pause();
        isAway();
        lab.frrB.bgpd().resume();
        isBackWithoutAChange();
    }

    @Test
    void aShadowDeviceIsRemoved() {
        lab.hostB.ip("link delete pgv42");
        lab.await("a second picture", () -> lab.feed.pictures() == 2);
        isBackWithoutAChange();
        assertEquals(4, lab.shadowsAtB());
    }

    @Test
    void anEntryOfOursIsRemoved() {
        lab.hostB.output("bridge", "fdb", "del", TEXT_B, "dev", "pgp42", "master");
        lab.await(
                "the entry again",
                () -> lab.hostB.output("bridge", "fdb", "show", "dev", "pgp42").contains(TEXT_B + " master pgb42"));
        isBackWithoutAChange();
    }

    @Test
    void theGatewayIsKilledAndStartsAgain() {
        lab.announce(2, EvpnLab.own(EvpnLab.VNI, MAC_B, 0));
        lab.await("the second VNI", () -> lab.shadowsAtB() == 8);
        lab.plane.close();
        assertEquals(8, lab.shadowsAtB(), "the devices stay, and what is announced");
        int index = EvpnLab.index(lab.hostB, "pgv42");
        lab.plane = lab.startPlane();
        lab.announce(1, EvpnLab.own(EvpnLab.VNI, MAC_B, 0));
        lab.await("a second picture", () -> lab.feed.pictures() == 2);
        assertEquals(before, lab.feed.claims());
        assertEquals(index, EvpnLab.index(lab.hostB, "pgv42"), "the device was taken over");
        lab.await("the other VNI's devices to go", () -> lab.shadowsAtB() == 4);
        assertTrue(lab.forwardingAtA().contains(TEXT_B), lab::forwardingAtA);
    }

    private String forwardingAtB() {
        return lab.hostB.output("bridge", "fdb", "show", "dev", "pgv42");
    }
}
