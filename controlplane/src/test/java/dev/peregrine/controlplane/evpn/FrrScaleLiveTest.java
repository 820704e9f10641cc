package dev.peregrine.controlplane.evpn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hundred thousand stations, and news that come faster than they are read. */
@Tag("live")
@Tag("long")
class FrrScaleLiveTest {
    private static final int MACS = 100_000;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private Path batch(String verb) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < MACS; i++) {
            lines.append("fdb %s 02:44:00:%02x:%02x:%02x dev p42 master%s%n"
                    .formatted(verb, i >> 16, i >> 8 & 255, i & 255, verb.equals("add") ? " static" : ""));
        }
        return Files.writeString(folder.resolve(verb), lines);
    }

    private static void apply(EvpnLab lab, Path batch) {
        Command.run(LIMIT, lab.hostA.words("bridge", "-batch", batch.toString())).orFail();
    }

    private static double seconds(EvpnLab lab, Path batch, IntPredicate reached) {
        long began = System.nanoTime();
        apply(lab, batch);
        Await.until(LIMIT, "all stations", () -> reached.test(lab.feed.size()), () -> lab.feed);
        return (System.nanoTime() - began) / 1e9;
    }

    @Test
    void manyStationsComeAndGo() throws IOException {
        try (EvpnLab lab = new EvpnLab()) {
            double came = seconds(lab, batch("add"), size -> size == MACS + 2);
            double went = seconds(lab, batch("del"), size -> size == 2);
            System.out.printf(
                    "EVPN, %d MACs: there after %.1f s, gone after %.1f s, %d overflows%n",
                    MACS, came, went, lab.plane.overflows());
            assertEquals(List.of(), lab.feed.malformed());
            assertTrue(came <= 8 && went <= 8, "came " + came + " s, went " + went + " s");
        }
    }

    @Test
    void lostNewsAreMadeUpFor() throws IOException {
        try (EvpnLab lab = new EvpnLab()) {
            lab.feed.hold(true);
            apply(lab, batch("add"));
            Await.until(LIMIT, "all entries in B's kernel", () -> forwardingAtB(lab) >= MACS, () -> forwardingAtB(lab));
            lab.feed.hold(false);
            Await.until(LIMIT, "all stations", () -> lab.feed.size() == MACS + 2, () -> lab.feed);
            assertTrue(lab.plane.overflows() > 0, "the kernel dropped news");
            assertEquals(List.of(), lab.feed.withdrawn());
        }
    }

    private static long forwardingAtB(EvpnLab lab) {
        return lab.hostB.output("bridge", "fdb", "show", "dev", "pgv42").lines()
                .filter(line -> line.contains("self"))
                .count();
    }
}
