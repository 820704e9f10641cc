package dev.peregrine.controlplane.evpn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.LocalState;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hundred thousand stations, and news that come faster than they are read. */
@Tag("live")
@Tag("long")
class FrrScaleLiveTest {
    private static final int MACS = 100_000;
    private static final int VNIS = 500;
    private static final Pattern RECEIVED = Pattern.compile("\"pfxRcd\":(\\d+)");
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
        Command.run(LIMIT, lab.hostA.words("bridge", "-batch", batch.toString()))
                .orFail();
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
            assertTrue(came <= 20 && went <= 20, "came " + came + " s, went " + went + " s");
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

    @Test
    void manyVnisComeAndGo() {
        try (EvpnLab lab = new EvpnLab()) {
            long began = System.nanoTime();
            lab.announce(VNIS);
            Await.until(LIMIT, "all VNIs at A", () -> received(lab) == VNIS, () -> received(lab) + " routes");
            double came = (System.nanoTime() - began) / 1e9;
            assertEquals(1 + VNIS, lab.feed.announced());
            assertEquals(List.of(), lab.feed.malformed());
            began = System.nanoTime();
            lab.plane.announce(LocalState.nothing(EvpnLab.B, "hostB", "1"));
            Await.until(LIMIT, "no device of ours", () -> lab.shadowsAtB() == 0, lab::shadowsAtB);
            double went = (System.nanoTime() - began) / 1e9;
            System.out.printf("EVPN, %d VNIs: at A after %.1f s, devices gone after %.1f s%n", VNIS, came, went);
        }
    }

    /** Routes that A has of B. */
    private static int received(EvpnLab lab) {
        String summary = lab.frrA.show("show bgp l2vpn evpn summary json");
        Matcher matcher = RECEIVED.matcher(summary);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }

    private static long forwardingAtB(EvpnLab lab) {
        return lab.hostB
                .output("bridge", "fdb", "show", "dev", "pgv42")
                .lines()
                .filter(line -> line.contains("self"))
                .count();
    }
}
