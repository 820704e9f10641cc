package dev.peregrine.gateway.live.plane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.Jvm;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.traffic.Figures;
import dev.peregrine.testkit.live.EtcdServer;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gateway and a registry with the claims of many VTEPs. {@code -Dpg.control.vteps=1000 -Dpg.control.seconds=30} is
 * the size that docs/control-planes.md has figures of; {@code scripts/bench control} runs it.
 */
@LiveTest
@Timeout(300)
class RegistryScaleTest {
    private static final int VTEPS = Integer.getInteger("pg.control.vteps", 100);
    private static final int SECONDS = Integer.getInteger("pg.control.seconds", 3);
    private static final int MACS = 100;
    private static final int VNIS = 100;
    private static final int PER_SECOND = 1000;
    private static final int PROBES = 20 * SECONDS;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ETCD = "http://127.0.0.1:" + EtcdServer.PORT;

    private Lab lab;
    private EtcdServer etcd;
    private GatewayProcess gateway;

    @BeforeEach
    void start(@TempDir Path folder) {
        lab = Lab.create(Underlay.IPV4_WIRE);
        lab.kernelVtepA();
        etcd = new EtcdServer(folder, lab.hB(), List.of("--quota-backend-bytes=4294967296"), List.of());
        loader("load", "" + VTEPS, "" + MACS, "" + VNIS);
        etcd.kill();
        gateway = GatewayProcess.start(lab.hB(), configuration());
        lab.enableInnerIpv6();
        lab.cB().ip("neigh replace %s lladdr %s dev eth0 nud permanent".formatted(Lab.INNER6_A, Lab.MAC_A));
    }

    @AfterEach
    void end() {
        try (Lab _ = lab) {
            if (gateway != null) gateway.close();
            if (etcd != null) etcd.close();
        }
    }

    private String configuration() {
        String vnis = IntStream.rangeClosed(1, VNIS)
                .filter(vni -> vni != Lab.VNI)
                .mapToObj(vni -> "  - {vni: %d, control: [reg], suppressNeighbours: true}\n".formatted(vni))
                .collect(Collectors.joining());
        return """
                underlay: {local: %s, device: uB}
                control:
                  cache: off
                  planes: [{name: reg, type: etcd, endpoints: ["%s"]}]
                vnis:
                  - vni: %d
                    control: [reg]
                    fdb: [{mac: "%s", vtep: %s}]
                    ports: [{name: web, type: tap, device: eth0, netns: %s, mac: "%s", addresses: [%s/24]}]
                %s
                """.formatted(
                        lab.vtepB(), ETCD, Lab.VNI, Lab.MAC_A, lab.vtepA(), lab.cB(), Lab.MAC_B, Lab.INNER_B, vnis);
    }

    /** The output of a {@link ClaimLoader} before it is done. */
    private String loader(String what, String... more) {
        List<String> arguments = new ArrayList<>(List.of(what, ETCD));
        arguments.addAll(List.of(more));
        List<String> words = Jvm.words(ClaimLoader.class, arguments.toArray(String[]::new));
        return Command.run(Duration.ofMinutes(3), lab.hB().words(words))
                .orFail()
                .output();
    }

    private BackgroundProcess changes() {
        List<String> words = Jvm.words(
                ClaimLoader.class, "change", ETCD, "" + VTEPS, "" + MACS, "" + VNIS, "" + PER_SECOND, "" + SECONDS);
        return BackgroundProcess.start(lab.hB().words(words));
    }

    @Test
    void manyClaimsAreAppliedAndFollowed() {
        try (Pinging trips = Pinging.start(lab.cA(), Lab.INNER6_B)) {
            await("trips of an idle gateway", () -> trips.answered() > 500);
            double idle = trips.p99(100);
            int answered = trips.answered();
            long before = residentKib();
            double seconds = firstPicture();
            double busy = trips.p99(answered);
            print(String.format(
                    Locale.ROOT,
                    "first picture of %d VTEPs, %d VNIs, %d MACs: %.2f s after it began; resident + %.1f MiB",
                    VTEPS,
                    VNIS,
                    VTEPS * MACS,
                    seconds,
                    (residentKib() - before) / 1024.0));
            print(String.format(
                    Locale.ROOT,
                    "round trips meanwhile: p99 %.2f ms, idle %.2f ms, %d lost",
                    busy,
                    idle,
                    trips.lost()));
            print(String.format(Locale.ROOT, "control turns: %s", turns()));
            long live = residentKib();
            print(String.format(
                    Locale.ROOT,
                    "resident when live: + %.1f MiB; after a collection: + %.1f MiB",
                    (live - before) / 1024.0,
                    (residentWhenIdleKib() - before) / 1024.0));
            print(String.format(Locale.ROOT, "control turns, that collection among them: %s", turns()));
            resync();
            print(String.format(Locale.ROOT, "control turns: %s", turns()));
            print(String.format(Locale.ROOT, "put to FDB: p50, p99, longest %s ms", probe()));
            try (BackgroundProcess changes = changes()) {
                String lag = probe();
                print(String.format(Locale.ROOT, "the same at %d changes/s for %d s: %s ms", PER_SECOND, SECONDS, lag));
                assertEquals(0, changes.awaitExit(Duration.ofSeconds(SECONDS).plus(PATIENCE)), changes::toString);
                print(String.format(Locale.ROOT, "loader: %s", changes.lines()));
            }
            print(String.format(Locale.ROOT, "control turns: %s; %d pings lost", turns(), trips.lost()));
            assertEquals(0, trips.lost(), trips::toString);
        }
        double idlePercent = cpuPercent(10);
        print(String.format(Locale.ROOT, "idle: %.2f %% of a core", idlePercent));
        assertEquals(0L, metric("peregrine_control_refused_total{plane=\"reg\",reason=\"malformed\"}"));
        assertTrue(seconds(longestTurn()) < 1, this::turns);
    }

    private static double seconds(String text) {
        return Double.parseDouble(text);
    }

    private static void print(String figures) {
        Figures.print("scale: " + figures);
    }

    /**
     * Starts the registry; returns the seconds from when the gateway reads the picture to when it has it in its FDB.
     */
    private double firstPicture() {
        etcd.restart();
        await("the picture to begin", () -> state().equals("syncing") || state().equals("live"));
        long began = System.nanoTime();
        await("all MACs", () -> gateway.status().path("fdbEntries").asInt() == VTEPS * MACS + 2);
        double seconds = (System.nanoTime() - began) / 1e9;
        await("the plane to be live", () -> state().equals("live"));
        return seconds;
    }

    private String state() {
        return gateway.row("control", "plane", "reg").path("state").asText();
    }

    /** The same picture again changes nothing: no entry, and no remembered decision. */
    private void resync() {
        String before = unchanged();
        long pictures = metric("peregrine_control_resyncs_total{plane=\"reg\"}");
        gateway.json("control", "resync", "reg");
        await("another picture", () -> metric("peregrine_control_resyncs_total{plane=\"reg\"}") > pictures);
        await("the plane to be live", () -> state().equals("live"));
        assertEquals(before, unchanged(), "FDB entries, changes of the tables, decisions that ended");
        print(String.format(Locale.ROOT, "the picture again: 0 changes"));
    }

    private String unchanged() {
        return gateway.status().path("fdbEntries") + " " + metric("peregrine_control_changes_total") + " "
                + gateway.json("flow", "stats").path("stale");
    }

    private String probe() {
        return loader("probe", gateway.socket().toString(), "" + PROBES)
                .lines()
                .findFirst()
                .orElseThrow();
    }

    private String page() {
        List<String> words = Jvm.words(ClaimLoader.class, "get", "http://127.0.0.1:9464/metrics");
        return Command.run(PATIENCE, lab.hB().words(words)).orFail().output();
    }

    private long metric(String name) {
        return (long) Double.parseDouble(value(page(), name));
    }

    private static String value(String page, String name) {
        return page.lines()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length() + 1))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + page));
    }

    private String longestTurn() {
        return value(page(), "peregrine_control_longest_apply_seconds");
    }

    /** How long the control thread was busy at a time: how many turns, the bound below which 99 % were, the longest. */
    private String turns() {
        String page = page();
        String name = "peregrine_control_apply_seconds_bucket{le=\"";
        long all = Long.parseLong(value(page, "peregrine_control_apply_seconds_count"));
        String bound = page.lines()
                .filter(line -> line.startsWith(name))
                .filter(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)) >= 0.99 * all)
                .map(line -> line.substring(name.length(), line.lastIndexOf('"')))
                .findFirst()
                .orElseThrow();
        return String.format(
                Locale.ROOT,
                "%d, p99 at most %.2f ms, longest %.2f ms",
                all,
                1e3 * Double.parseDouble(bound),
                1e3 * seconds(value(page, "peregrine_control_longest_apply_seconds")));
    }

    private void await(String what, BooleanSupplier condition) {
        Await.until(PATIENCE, what, condition, () -> gateway.json("control", "list") + "\n" + gateway);
    }

    private long residentKib() {
        String status = Command.output("cat", "/proc/" + gateway.pid() + "/status");
        return Long.parseLong(status.replaceAll("(?s).*VmRSS:\\s+(\\d+) kB.*", "$1"));
    }

    /** After the JVM has collected what the picture left behind, which a turn may have to wait for. */
    private long residentWhenIdleKib() {
        Command.output(Jvm.tool("jcmd"), "" + gateway.pid(), "GC.run");
        return residentKib();
    }

    private double cpuPercent(int seconds) {
        long before = ticks();
        long began = System.nanoTime();
        await("some seconds", () -> System.nanoTime() - began > seconds * 1_000_000_000L);
        return (ticks() - before) / (double) seconds;
    }

    /** CPU time of the gateway in hundredths of a second, see proc_pid_stat(5). */
    private long ticks() {
        String stat = Command.output("cat", "/proc/" + gateway.pid() + "/stat").replaceAll("^.*\\) ", "");
        return Arrays.stream(stat.split(" "))
                .skip(11)
                .limit(2)
                .mapToLong(Long::parseLong)
                .sum();
    }
}
