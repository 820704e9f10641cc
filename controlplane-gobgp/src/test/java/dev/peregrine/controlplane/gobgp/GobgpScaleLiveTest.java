package dev.peregrine.controlplane.gobgp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.evpn.GobgpSettings;
import dev.peregrine.dataplane.testing.live.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As many MAC addresses as are allowed with Debian's gobgpd, and how long a single one takes. */
@Tag("live")
@Tag("long")
class GobgpScaleLiveTest {
    private static final long FIRST = 0x02_42_00_00_00_00L;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int SINGLES = 100;

    @TempDir
    Path folder;

    private static String text(long mac) {
        return "%012x".formatted(mac).replaceAll("(..)(?!$)", "$1:");
    }

    private static long millis(String what, Runnable work, BooleanSupplier done) {
        long began = System.nanoTime();
        work.run();
        Await.until(LIMIT, what, done, () -> what);
        long millis = Duration.ofNanos(System.nanoTime() - began).toMillis();
        System.out.printf("%s: %d ms%n", what, millis);
        return millis;
    }

    private void batch(GobgpLab lab, String verb) {
        String lines = IntStream.range(0, GobgpSettings.MANY_MACS)
                .mapToObj(i -> "fdb %s %s dev p42 master%s"
                        .formatted(verb, text(FIRST + i), verb.equals("add") ? " static" : ""))
                .collect(Collectors.joining("\n", "", "\n"));
        try {
            Path file = Files.writeString(folder.resolve(verb), lines);
            lab.hostA.output("bridge", "-batch", file.toString());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** MAC addresses that A's kernel has behind us, with that of the flood. */
    private static long remoteAtA(GobgpLab lab) {
        return lab.forwardingAtA()
                .lines()
                .filter(line -> line.contains("dst " + GobgpLab.VTEP_B))
                .count();
    }

    @Test
    void asManyAsAreAllowed() {
        try (GobgpLab lab = GobgpLab.withPlane()) {
            int count = GobgpSettings.MANY_MACS;
            millis(count + " MAC addresses of FRR known", () -> batch(lab, "add"), () -> lab.feed.size() == count + 2);
            millis(count + " withdrawn", () -> batch(lab, "del"), () -> lab.feed.size() == 2);
            List<Claim.Station> stations = IntStream.range(0, count)
                    .mapToObj(i -> GobgpLab.own(GobgpLab.VNI, FIRST + (1 << 20) + i, 0))
                    .toList();
            millis(
                    count + " MAC addresses of ours in FRR's kernel",
                    () -> lab.announce(1, stations),
                    () -> remoteAtA(lab) == count + 1);
            lab.await("all announced", () -> lab.feed.announced() == count + 2);
            millis("withdrawn", () -> lab.announce(1), () -> remoteAtA(lab) == 1);
        }
    }

    @Test
    void singleOnes() {
        try (GobgpLab lab = GobgpLab.withPlane()) {
            long[] millis = new long[SINGLES];
            for (int i = 0; i < SINGLES; i++) {
                Claim.StationKey key = GobgpLab.station(FIRST + i);
                long began = System.nanoTime();
                lab.stationAtA("add", text(FIRST + i));
                lab.await("the station", () -> lab.feed.find(key) != null);
                millis[i] = (lab.feed.changedAt(key) - began) / 1_000_000;
            }
            Arrays.sort(millis);
            System.out.printf(
                    "a MAC address of FRR is known: p50 %d ms, p99 %d ms%n", millis[SINGLES / 2], millis[SINGLES - 1]);
            assertTrue(millis[SINGLES - 1] <= 1000, () -> millis[SINGLES - 1] + " ms");
        }
    }
}
