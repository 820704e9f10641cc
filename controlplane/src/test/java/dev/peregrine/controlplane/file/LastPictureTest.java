package dev.peregrine.controlplane.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import dev.peregrine.vxlan.IpAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastPictureTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path directory;

    private long now = 77 * SECOND;

    /** A resolver with a plane of which only reports matter. */
    private static final class Life implements ControlPlane {
        final Resolver resolver =
                new Resolver(vtep(0xffff), "here", "1", ResolverSettings.DEFAULT, ResolverEvents.NONE);
        final Feed feed;

        Life(long now) {
            resolver.tick(now);
            feed = resolver.plane(new PlaneSettings("p"), this);
            resolver.vni(42, List.of("p"), false, 0);
        }

        Set<Claim> claims() {
            Set<Claim> claims = new HashSet<>();
            resolver.claims(claimed -> claims.add(claimed.claim()));
            return claims;
        }

        @Override
        public void start(Feed to) {}

        @Override
        public void announce(LocalState wanted) {}

        @Override
        public void resync() {}

        @Override
        public void close() {}
    }

    private static IpAddress vtep(int host) {
        return new IpAddress(0, 0xffff_0a00_0000L + host);
    }

    private Life filled(int vteps, int macs) {
        Life life = new Life(now);
        life.feed.begin();
        for (int v = 1; v <= vteps; v++) {
            life.feed.claim(new Claim.Vtep(vtep(v), "node" + v, "i"));
            life.feed.claim(new Claim.Member(42, vtep(v), true));
            for (int i = 0; i < macs; i++) {
                long mac = 0x0200_0000_0000L + v * 1000L + i;
                life.feed.claim(new Claim.Station(42, mac, vtep(v), i, false, List.of(vtep(1 << 20 | v * 1000 + i))));
            }
        }
        life.feed.complete();
        life.feed.state(PlaneState.LIVE, "");
        return life;
    }

    private int write(LastPicture picture, Life life) {
        int steps = 0;
        for (long left = 0; left <= LastPicture.LOOK_NANOS; left = picture.step(life.resolver, now)) {
            if (left == 0) steps++;
            else Thread.onSpinWait(); // it is on its way to the disk
        }
        return steps;
    }

    @Test
    void aPictureComesBackAsAwaySinceItsTime() throws Exception {
        Life first = filled(100, 100);
        LastPicture picture = new LastPicture(directory, "p");
        assertTrue(write(picture, first) >= 5, "it is written in slices");
        Path file = directory.resolve("p.json");
        Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis() - 500_000));
        Life second = new Life(now);
        assertTrue(new LastPicture(directory, "p").restore(second.resolver, second.feed));
        assertEquals(first.claims(), second.claims());
        long left = second.resolver.planes().getFirst().holdLeftNanos();
        assertEquals(100.0, (double) left / SECOND, 20.0);
        second.feed.state(PlaneState.CONNECTING, "");
        now += 101 * SECOND;
        for (int i = 0; i < 100; i++) second.resolver.tick(now);
        assertEquals(Set.of(), second.claims());
    }

    @Test
    void afterTheClockWentBackAPictureHoldsForTheWholeTimeAndNoLonger() throws Exception {
        Life first = filled(3, 3);
        write(new LastPicture(directory, "p"), first);
        Path file = directory.resolve("p.json");
        Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis() + 86_400_000));
        Life second = new Life(now);
        assertTrue(new LastPicture(directory, "p").restore(second.resolver, second.feed));
        assertEquals(first.claims(), second.claims());
        assertEquals(600 * SECOND, second.resolver.planes().getFirst().holdLeftNanos());
    }

    @Test
    void itIsWrittenAtMostEveryTenSecondsAndOnlyWhenSomethingChanged() throws Exception {
        Life life = filled(1, 1);
        LastPicture picture = new LastPicture(directory, "p");
        write(picture, life);
        Path file = directory.resolve("p.json");
        String before = Files.readString(file);
        life.feed.claim(new Claim.Vtep(vtep(1), "other", ""));
        now += 9 * SECOND;
        assertEquals(SECOND, picture.step(life.resolver, now));
        assertEquals(before, Files.readString(file));
        now += SECOND;
        write(picture, life);
        assertTrue(Files.readString(file).contains("other"));
        Object inode = Files.getAttribute(file, "unix:ino");
        Files.setLastModifiedTime(file, FileTime.fromMillis(0));
        now += 10 * SECOND;
        write(picture, life);
        assertEquals(inode, Files.getAttribute(file, "unix:ino"), "nothing changed: only the time is set");
        assertTrue(Files.getLastModifiedTime(file).toMillis() > 0);
        life.feed.state(PlaneState.AWAY, "");
        Files.setLastModifiedTime(file, FileTime.fromMillis(0));
        now += 10 * SECOND;
        write(picture, life);
        assertEquals(0, Files.getLastModifiedTime(file).toMillis(), "away: the picture is as old as it is");
    }

    @Test
    void aFileThatIsNotWholeIsNotUsed() throws Exception {
        Life first = filled(3, 3);
        write(new LastPicture(directory, "p"), first);
        Path file = directory.resolve("p.json");
        String whole = Files.readString(file);
        Files.writeString(file, whole.substring(0, whole.length() - 10));
        Life second = new Life(now);
        assertFalse(new LastPicture(directory, "p").restore(second.resolver, second.feed));
        assertEquals(Set.of(), second.claims());
        assertFalse(new LastPicture(directory, "q").restore(second.resolver, second.feed), "there is no file");
    }

    @Test
    void thePictureOfAPlaneThatHasAnotherNameIsItsPicture() throws Exception {
        Path before = Files.writeString(directory.resolve("old.json"), "of old");
        Files.writeString(directory.resolve("new.json"), "of another one, long ago");
        LastPicture.rename(directory, "old", "new");
        assertFalse(Files.exists(before));
        assertEquals("of old", Files.readString(directory.resolve("new.json")));
        LastPicture.rename(directory, "old", "new");
        assertEquals("of old", Files.readString(directory.resolve("new.json")), "there was none to take");
    }
}
