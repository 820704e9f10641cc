package dev.peregrine.gateway.live.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.Jvm;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.EchoStream;
import dev.peregrine.gateway.live.traffic.Figures;
import dev.peregrine.gateway.live.traffic.Ticker;
import dev.peregrine.gateway.live.traffic.UdpCounters;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * A gateway that carries traffic is changed: ports, VNIs, policies, flood lists, FDB entries. The flows of the port
 * that stays lose nothing, what goes ends at once, and nothing is left behind. With
 * {@code -Dperegrine.reload.seconds=N} for longer, {@code -Dperegrine.reload.schedule=MODE} and
 * {@code -Dperegrine.reload.workers=N} for another schedule.
 */
@LiveTest
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReloadTest {
    private static final int SECONDS = Integer.getInteger("peregrine.reload.seconds", 10);
    private static final int PINGS = SECONDS * 450;
    private static final String SCHEDULE = System.getProperty("peregrine.reload.schedule", "run-to-completion");
    private static final int WORKERS = Integer.getInteger("peregrine.reload.workers", 1);
    private static final int PER_SECOND = 400;
    private static final int UDP_PORT = 5601;
    private static final int TCP_PORT = 5602;
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int HEAP_GROWTH_KIB = 3072;
    private static final Pattern USED = Pattern.compile("(?:DefNew|Tenured) .* used (\\d+)K");
    private static final String INNER_C = "198.19.0.3";
    private static final String INNER6_C = "fd19::3";
    private static final String MAC_C = "02:00:00:00:00:03";

    private final Scene scene = Scene.open(Underlay.IPV4_WIRE, ReloadTest::config);
    private final Lab lab = scene.lab();
    private final GatewayProcess gateway = scene.gateway();
    private final Namespace cC = lab.add("cC");
    private final String original = config(lab);

    ReloadTest() {
        lab.enableInnerIpv6();
        cC.enableIpv6("default");
        cC.write("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
        for (String nobody : new String[] {"198.18.0.77", "198.18.0.78"}) { // who is sent floods, and drops them
            lab.hB().ip("neigh replace " + nobody + " lladdr 02:00:00:00:77:77 nud permanent dev uB");
        }
    }

    private static String config(Lab lab) {
        return "workers: {count: %d}\nschedule: {mode: %s}\n".formatted(WORKERS, SCHEDULE) + lab.gatewayConfigB();
    }

    @AfterAll
    void close() {
        scene.close();
    }

    private String[] portC() {
        return new String[] {
            "port",
            "add",
            "extra",
            "vni",
            "" + Lab.VNI,
            "type",
            "tap",
            "device",
            "eth0",
            "netns",
            cC.name(),
            "mac",
            MAC_C,
            "addresses",
            INNER_C + "/24," + INNER6_C + "/64"
        };
    }

    /** The file with another VNI of some ports, a policy there, an FDB entry and another VTEP to flood to. */
    private String withMore(int round) {
        return original.replace(
                        "    flood: [",
                        "    fdb: [{mac: \"02:00:00:00:05:05\", vtep: \"%s\"}]\n    flood: [\"198.18.0.77\", "
                                .formatted(lab.vtepA()))
                + """
                  - vni: %d
                    flood: ["%s"]
                    policy: {in: {default: deny, rules: [{name: arp, action: allow, protocol: arp}]}}
                    ports:
                      - {name: more, type: tap, device: more, netns: %s}
                      - {name: app, type: socket, listen: "198.19.0.9:9000", deliver: "udp:127.0.0.1:9009"}
                """.formatted(1000 + round % 7, lab.vtepA(), cC);
    }

    @Test
    void aPortComesAndGoesByCommand() {
        long devices = devices();
        JsonNode outcome = gateway.json(portC());
        assertEquals(0, outcome.path("warnings").size(), outcome::toString);
        Ping.loses0(lab.cA(), INNER6_C, 5, 56);
        Ping.loses0(lab.cB(), INNER6_C, 5, 56);
        gateway.json("port", "del", "extra");
        assertEquals(List.of(), cC.devices("tun"), "its device goes before the command answers");
        assertEquals(0, Ping.received(Ping.run(lab.cA(), INNER6_C, 2, 56)));
        Ping.loses0(lab.cA(), Lab.INNER6_B, 5, 56);
        assertEquals(devices, devices());
    }

    @Test
    void whatTheUnderlayDoesNotCarryIsRefused() {
        gateway.write(original.replace("    flood:", "    mtu: 1590\n    flood:"));
        GatewayProcess.Answer answer = gateway.command("reload");
        assertEquals(2, answer.exit(), answer::toString);
        assertTrue(
                answer.err()
                        .contains(
                                "vnis[0].mtu: found 1590; expected at most 1550, what an underlay with an MTU of 1600"),
                answer::toString);
        gateway.write(original);
        assertEquals(0, gateway.json("reload").path("changes").size());
    }

    @Test
    void aHangUpHasTheFileReadAgain() {
        Assumptions.assumeFalse(
                gateway.ignoresHangUp(), "SIGHUP is ignored here, as below nohup, and so by the gateway");
        gateway.write(withMore(0));
        gateway.hangUp();
        Await.until(LIMIT, "two VNIs", () -> gateway.json("vni", "list").size() == 2, gateway::toString);
        gateway.write("nonsense\n");
        gateway.hangUp();
        Await.until(
                LIMIT,
                "the log says why",
                () -> gateway.log().stream().anyMatch(line -> line.contains("not followed, nothing has changed")),
                gateway::toString);
        assertEquals(2, gateway.json("vni", "list").size());
        gateway.write(original);
        gateway.json("reload");
        assertEquals(1, gateway.json("vni", "list").size());
    }

    @Test
    void unchangedPortsLoseNothingWhileOthersComeAndGo() {
        for (int round = 0; round < 7; round++) { // every VNI that is added was there once
            change(round);
        }
        long heap = heapKib();
        long descriptors = descriptors();
        long devices = devices();
        UdpCounters inB = UdpCounters.of(lab.cB());
        UdpCounters inA = UdpCounters.of(lab.cA());
        String deadline = "" + LIMIT.plusSeconds(SECONDS).toSeconds();
        try (var _ = serve(Ticker.class, "serve", "tcp", Lab.INNER_B, "" + TCP_PORT);
                var _ = serve(EchoStream.class, "serve", Lab.INNER_B, "" + UDP_PORT);
                var tcp = ask(Ticker.class, "ask", "tcp", Lab.INNER_B, "" + TCP_PORT);
                var ping = BackgroundProcess.start(
                        lab.cA().words("ping", "-n", "-i", "0.002", "-w", deadline, "-c", "" + PINGS, Lab.INNER6_B));
                var udp = ask(EchoStream.class, "ask", Lab.INNER_B, "" + UDP_PORT, "" + PER_SECOND, "" + SECONDS)) {
            tcp.awaitLine(LIMIT, "a tick", "tick"::equals);
            long end = System.nanoTime() + Duration.ofSeconds(SECONDS - 1).toNanos();
            int changes = 0;
            for (int round = 0; System.nanoTime() < end; round++) {
                changes += change(round);
            }
            udp.awaitExit(LIMIT.plusSeconds(SECONDS));
            ping.awaitExit(LIMIT.plus(LIMIT).plusSeconds(SECONDS));
            int ticks = tcp.lines().size();
            Await.until(LIMIT, "TCP goes on", () -> tcp.lines().size() > ticks + 20, tcp::toString);
            EchoStream.Account account = EchoStream.Account.of(udp.lines().getLast());
            JsonNode schedule = gateway.json("schedule", "show");
            Figures.print(
                    "%s, workers %d: %d changes in %d s: UDP %s; ping %s; workers stood still %d times, p99 %d us, at most %d us"
                            .formatted(
                                    SCHEDULE,
                                    WORKERS,
                                    changes,
                                    SECONDS,
                                    account,
                                    ping.lines().getLast(),
                                    schedule.path("pauses").asInt(),
                                    schedule.path("pauseMicros").asInt(),
                                    schedule.path("longestPauseMicros").asInt()));
            assertTrue(changes > 5 * SECONDS, "only " + changes + " changes");
            long refused = UdpCounters.of(lab.cB()).since(inB).refused()
                    + UdpCounters.of(lab.cA()).since(inA).refused();
            assertEquals(
                    account.sent(),
                    account.answered() + refused,
                    () -> account + ", by sockets " + refused + "\n" + gateway.counters());
            assertEquals(PINGS, Ping.answered(String.join("\n", ping.lines()), PINGS), () -> ping + "\n" + gateway);
        }
        gateway.json("reload");
        assertEquals(devices, devices());
        Await.until(
                LIMIT,
                "file descriptors as before",
                () -> descriptors() <= descriptors,
                () -> descriptors + " then, now " + descriptors());
        assertEquals(1, gateway.json("vni", "list").size());
        assertEquals(1, gateway.json("port", "list").size());
        long after = heapKib();
        Figures.print("heap after collection: %d KiB before, %d KiB after".formatted(heap, after));
        assertTrue(after - heap < HEAP_GROWTH_KIB, () -> "heap " + heap + " KiB before, " + after + " after");
    }

    /** Heap of the gateway that is in use after a collection. */
    private long heapKib() {
        String pid = String.valueOf(gateway.pid());
        Command.output(Jvm.tool("jcmd"), pid, "GC.run");
        String info = Command.output(Jvm.tool("jcmd"), pid, "GC.heap_info");
        Matcher used = USED.matcher(info);
        long sum = 0;
        while (used.find()) {
            sum += Long.parseLong(used.group(1));
        }
        assertTrue(sum > 0, info);
        return sum;
    }

    /** Some changes of every kind, which end where they began; returns how many things have changed. */
    private int change(int round) {
        int changes = gateway.json(portC()).path("changes").size();
        gateway.write(withMore(round));
        changes += gateway.json("reload").path("changes").size();
        gateway.json("fdb", "add", "02:00:00:00:06:06", "vni", "" + Lab.VNI, "vtep", lab.vtepA(), "static");
        gateway.json("fdb", "del", "02:00:00:00:06:06", "vni", "" + Lab.VNI);
        changes += 2;
        changes += gateway.json("flood", "add", "198.18.0.78", "vni", "" + Lab.VNI)
                .path("changes")
                .size();
        changes += gateway.json("flood", "del", "198.18.0.78", "vni", "" + Lab.VNI)
                .path("changes")
                .size();
        gateway.write(original);
        changes += gateway.json("reload").path("changes").size();
        return changes;
    }

    private BackgroundProcess serve(Class<?> program, String... arguments) {
        BackgroundProcess server = BackgroundProcess.start(lab.cB().words(Jvm.words(program, arguments)));
        server.awaitLine(LIMIT, "listening server", "listening"::equals);
        return server;
    }

    private BackgroundProcess ask(Class<?> program, String... arguments) {
        return BackgroundProcess.start(lab.cA().words(Jvm.words(program, arguments)));
    }

    /** Network devices in all namespaces of the lab. */
    private long devices() {
        return lab.namespaces().stream()
                .mapToLong(namespace -> namespace.ip("-o link show").lines().count())
                .sum();
    }

    private long descriptors() {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + gateway.pid() + "/fd"))) {
            return open.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
