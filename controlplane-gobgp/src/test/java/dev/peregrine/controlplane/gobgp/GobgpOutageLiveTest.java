package dev.peregrine.controlplane.gobgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.PlaneState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A daemon that ends or hangs, or a session that breaks, is no withdrawal. */
@Tag("live")
class GobgpOutageLiveTest {
    private static final int STATIONS = 20;
    private static final long MAC_B = 0x02_00_00_00_42_02L;
    private static final String TEXT_B = "02:00:00:00:42:02";
    private static final Duration BACK = Duration.ofSeconds(10);

    private GobgpLab lab;
    private Map<Claim.Key, Claim> before;
    private int pictureChanges;

    @BeforeEach
    void stationsAtBothEnds() {
        lab = GobgpLab.withPlane();
        for (int i = 0; i < STATIONS; i++) lab.stationAtA("add", "02:00:00:00:41:%02x".formatted(i));
        lab.announce(1, GobgpLab.own(GobgpLab.VNI, MAC_B, 0));
        lab.await("all stations", () -> lab.feed.size() == STATIONS + 2);
        lab.await("our MAC at A", this::isOursAtA);
        before = lab.feed.claims();
        pictureChanges = lab.feed.pictureChanges();
    }

    @AfterEach
    void close() {
        if (lab != null) lab.close();
    }

    private boolean isOursAtA() {
        return lab.forwardingAtA().contains(TEXT_B + " dst " + GobgpLab.VTEP_B)
                && lab.forwardingAtA().contains("00:00:00:00:00:00 dst " + GobgpLab.VTEP_B);
    }

    private void isAway() {
        lab.await("the plane to be away", () -> lab.feed.state() == PlaneState.AWAY);
        assertEquals(before, lab.feed.claims());
    }

    private void isBackWithoutAChange() {
        lab.awaitLive();
        assertEquals(before, lab.feed.claims());
        assertEquals(List.of(), lab.feed.withdrawn());
        assertEquals(pictureChanges, lab.feed.pictureChanges(), "the picture is the same");
        lab.await("our MAC at A again", this::isOursAtA);
    }

    @Test
    void gobgpdIsKilled() {
        lab.gobgpd.kill();
        isAway();
        lab.await("A to forget us", () -> !lab.forwardingAtA().contains(TEXT_B));
        long began = System.nanoTime();
        lab.gobgpd.start();
        lab.await("our routes at A again", this::isOursAtA);
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        System.out.printf("routes of a gobgpd that was killed are at FRR again after %d ms%n", took.toMillis());
        assertTrue(took.compareTo(BACK) <= 0, () -> took + " is more than " + BACK);
        isBackWithoutAChange();
    }

    @Test
    void bgpdThereIsKilled() {
        lab.frrA.killBgpd();
        isAway();
        lab.frrA.startBgpd();
        isBackWithoutAChange();
    }

    @Test
    void theUnderlayIsCut() {
        lab.hostA.ip("link set uA down");
        isAway();
        lab.hostA.ip("link set uA up");
        isBackWithoutAChange();
    }

    @Test
    void gobgpdHangs() {
        lab.gobgpd.process().pause();
        isAway();
        lab.gobgpd.process().resume();
        isBackWithoutAChange();
    }

    @Test
    void theGatewayStartsAgain() {
        lab.plane().close();
        lab.startPlane();
        lab.announce(1, GobgpLab.own(GobgpLab.VNI, MAC_B, 0));
        lab.await("another picture", () -> lab.feed.pictures() == 2);
        isBackWithoutAChange();
    }
}
