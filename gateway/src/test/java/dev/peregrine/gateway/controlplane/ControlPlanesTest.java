package dev.peregrine.gateway.controlplane;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.PlaneState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The life of planes: their start, their last pictures, and their end. */
class ControlPlanesTest extends PlanesLab {
    @Test
    void aPlaneIsInItsFirstStateSinceItWasAdded() {
        assertTrue(sinceNanos <= System.nanoTime() - began, () -> sinceNanos + " ns");
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
    void withoutAFolderForPicturesAPlaneWorksAllTheSame() throws Exception {
        FakePlane alone = joined("dir");
        alone.feed().state(PlaneState.LIVE, "");
        alone.feed().claim(new Claim.Station(VNI, MAC, FAR, 1, false, List.of(HOST)));
        await("the entry", () -> entry().equals("CONTROL 198.18.0.2"));
        assertFalse(Files.exists(cache()));
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
    void aPlaneThatIsRenamedEndsWithoutAWithdrawalAndLeavesItsPicture() throws Exception {
        Path file = Files.createDirectory(cache()).resolve("dir.json");
        FakePlane before = joined("dir");
        before.feed().begin();
        before.feed().claim(new Claim.Station(VNI, MAC, FAR, 1, false, List.of(HOST)));
        before.feed().complete();
        before.feed().state(PlaneState.LIVE, "");
        await("the announcement", before::isPublishing);
        await("a picture on disk", () -> Files.exists(file));
        onControl(() -> {
            planes().rename("dir", "other");
            return true;
        });
        assertTrue(before.isClosed);
        assertTrue(before.isPublishing(), "the next one goes on with it");
        assertFalse(Files.exists(file));
        await("the end of its entries", () -> entry().isEmpty());
        joined("other");
        await("the picture from the disk", () -> entry().equals("CONTROL 198.18.0.2"));
    }

    @Test
    void theEndWaitsForPlanesThatHangAtMostForItsTime() throws Exception {
        FakePlane other = joined("dir");
        CountDownLatch end = new CountDownLatch(1);
        plane.mayClose = end;
        other.mayClose = end;
        onControl(() -> {
            planes().close(Duration.ofMillis(50));
            assertFalse(plane.isClosed || other.isClosed);
            end.countDown();
            return true;
        });
        await("their end", () -> plane.isClosed && other.isClosed);
    }
}
