package dev.peregrine.gateway.live.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.Figures;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.testkit.live.Iperf;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Policy, changed while the gateway runs, and real traffic. */
@LiveTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PolicyTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String OPEN = "{}";
    private static final String FOREIGN_ADDRESS = "198.19.0.99";
    private static final String FOREIGN_MAC = "02:00:00:00:00:66";
    private static final double BITS_PER_SECOND = 10e6;

    /** More than passes at once in the beginning. */
    private static final long BURST = 1_500_000;

    private final Scene scene = Scene.open(Underlay.IPV4_WIRE);
    private final Lab lab = scene.lab();
    private final GatewayProcess gateway = scene.gateway();

    @TempDir
    private Path folder;

    @AfterAll
    void close() {
        scene.close();
    }

    @BeforeEach
    void letEverythingPass() {
        replace("port", "web", OPEN);
        replace("vni", "" + Lab.VNI, OPEN);
    }

    @Test
    void deniedTrafficDoesNotPassFromTheCommandOn() {
        Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, 1 << 16, 1);
        Map<String, Long> before = gateway.drops();
        String rule = "{name: stop, action: deny, protocol: tcp, destinationPorts: [5300]}";
        gateway.done("policy", "add", "port", "web", "out", rule);
        assertFalse(connects(lab.cA(), Lab.INNER_B), "it passed");
        assertTrue(gateway.dropsSince(before).getOrDefault("POLICY_DENIED", 0L) > 0);
        JsonNode row = gateway.row("policy", "name", "stop");
        assertTrue(row.path("packets").asLong() > 0, row::toString);
        gateway.done("policy", "del", "port", "web", "out", "stop");
        Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, 1 << 16, 1);
    }

    @Test
    void repliesPassWhereNothingElseMay() {
        String policy = """
                replies: on
                out:
                  default: deny
                  rules:
                    - {name: arp, action: allow, protocol: arp}
                """;
        replace("port", "web", policy);
        Map<String, Long> before = gateway.drops();
        Stream.arrivesIntact(lab.cB(), lab.cA(), Lab.INNER_A, 8 << 20, 1);
        List<String> refused = gateway.dropsSince(before).keySet().stream()
                .filter(reason -> reason.startsWith("POLICY"))
                .toList();
        assertEquals(List.of(), refused);
        assertFalse(connects(lab.cA(), Lab.INNER_B), "it passed");
        assertTrue(gateway.dropsSince(before).getOrDefault("POLICY_DEFAULT", 0L) > 0);
    }

    @Test
    void establishedFlowsAreListedAndEndAtOnce() {
        replace(
                "port",
                "web",
                "{replies: on, out: {default: deny, rules: [{name: arp, action: allow, protocol: arp}]}}");
        Ping.loses0(lab.cB(), Lab.INNER_A, 3, 56);
        JsonNode flows = gateway.json("state", "list", "proto", "icmp", "dst", Lab.INNER_A);
        assertTrue(flows.size() > 0, flows::toString);
        assertEquals("replied", flows.get(0).path("state").asText(), flows::toString);
        assertEquals("in", flows.get(0).path("direction").asText(), flows::toString);
        int ended = gateway.json("state", "flush", "proto", "icmp", "vni", "" + Lab.VNI)
                .path("removed")
                .asInt();
        assertTrue(ended > 0, "none ended");
        assertEquals(0, gateway.json("state", "list", "proto", "icmp").size());
        assertTrue(gateway.json("state", "stats").path("flushed").asInt() >= ended);
    }

    @Test
    void refusedPolicyLeavesTheOneThereIs() {
        replace("port", "web", "in: {rules: [{name: a, action: deny, protocol: 47}]}");
        String shown =
                gateway.json("policy", "show", "port", "web").path("policy").asText();
        GatewayProcess.Answer answer = gateway.command(
                "policy", "replace", "port", "web", file("in: {default: deny}\nout: {default: maybe}\n"));
        assertEquals(2, answer.exit(), answer::toString);
        assertTrue(answer.err().contains(":2: out.default: found maybe"), answer::toString);
        assertEquals(
                shown,
                gateway.json("policy", "show", "port", "web").path("policy").asText());
        assertEquals(
                1, gateway.command("policy", "del", "port", "web", "in", "b").exit());
        assertEquals(1, gateway.command("policy", "show", "port", "none").exit());
    }

    @Test
    void saysWhichRuleAPacketWouldMeet() {
        replace(
                "vni",
                "" + Lab.VNI,
                "out: {rules: [{name: dns, action: deny, protocol: udp, destinationPorts: [53]}]}");
        String packet = "{protocol: udp, source: 10.0.0.1, destination: 10.0.0.2, destinationPort: 53}";
        GatewayProcess.Answer dropped = gateway.command("policy", "test", "port", "web", "out", packet);
        assertEquals(1, dropped.exit(), dropped::toString);
        assertTrue(dropped.out().contains("vni 42 out") && dropped.out().contains("dns"), dropped::toString);
        assertTrue(dropped.out().contains("POLICY_DENIED"), dropped::toString);
        assertEquals(
                0,
                gateway.command("policy", "test", "port", "web", "in", packet).exit());
        replace("port", "web", "antiSpoofing: {}");
        String spoofed = "{protocol: udp, source: 198.19.0.99, destination: 198.19.0.1, destinationPort: 53}";
        GatewayProcess.Answer guarded = gateway.command("policy", "test", "port", "web", "in", spoofed);
        assertEquals(1, guarded.exit(), guarded::toString);
        assertTrue(guarded.out().contains("SPOOFED_SOURCE_ADDRESS"), guarded::toString);
        assertEquals(
                2,
                gateway.command("policy", "test", "port", "web", "in", "{protocol: [")
                        .exit());
    }

    /** Without anti-spoofing it does poison: the test can fail. */
    @Test
    void spoofedArpDoesNotPoison() {
        lab.cB().ip("address add " + FOREIGN_ADDRESS + "/32 dev eth0");
        lab.cB().ip("route change 198.19.0.0/24 dev eth0 src " + FOREIGN_ADDRESS);
        try {
            sendFromContainerB();
            Await.until(LIMIT, "the address is taken for B's", this::isPoisoned, () -> neighbours(lab.cA()));
            lab.cA().ip("neigh flush all");
            replace("port", "web", "antiSpoofing: {}");
            Map<String, Long> before = gateway.drops();
            sendFromContainerB();
            Await.until(
                    LIMIT,
                    "spoofed ARP is dropped",
                    () -> gateway.dropsSince(before).getOrDefault("SPOOFED_ARP", 0L) > 0,
                    gateway::counters);
            assertFalse(isPoisoned(), () -> neighbours(lab.cA()));
        } finally {
            lab.cB().ip("route change 198.19.0.0/24 dev eth0 src " + Lab.INNER_B);
            lab.cB().ip("address del " + FOREIGN_ADDRESS + "/32 dev eth0");
        }
        Stream.arrivesIntact(lab.cB(), lab.cA(), Lab.INNER_A, 1 << 16, 1);
    }

    @Test
    void spoofedMacIsNotLearned() {
        replace("port", "web", "antiSpoofing: {}");
        Map<String, Long> before = gateway.drops();
        lab.cB().ip("link set eth0 address " + FOREIGN_MAC);
        try {
            sendFromContainerB();
            Await.until(
                    LIMIT,
                    "frames of another MAC address are dropped",
                    () -> gateway.dropsSince(before).getOrDefault("SPOOFED_SOURCE_MAC", 0L) > 0,
                    gateway::counters);
            for (JsonNode entry : gateway.json("fdb", "list")) {
                assertNotEquals(FOREIGN_MAC, entry.path("mac").asText());
            }
        } finally {
            lab.cB().ip("link set eth0 address " + Lab.MAC_B);
        }
    }

    private boolean isPoisoned() {
        return neighbours(lab.cA()).contains(FOREIGN_ADDRESS + " dev eth0 lladdr " + Lab.MAC_B);
    }

    private static String neighbours(Namespace namespace) {
        return namespace.ip("neigh show");
    }

    /** A datagram for container A, for whose MAC address it has to ask first. */
    private void sendFromContainerB() {
        lab.cB().ip("neigh flush all");
        lab.cB().output("bash", "-c", "echo > /dev/udp/" + Lab.INNER_A + "/9");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tcpKeepsToALimit(boolean toTheWorkload) {
        limit(toTheWorkload);
        keepsToTheLimit(toTheWorkload, 13, 10_000_000, iperf -> iperf.tcp(!toTheWorkload));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void udpKeepsToALimit(boolean toTheWorkload) {
        limit(toTheWorkload);
        Load load = iperf -> iperf.udp(!toTheWorkload, 3000, 1000).packetsPerSecond();
        keepsToTheLimit(toTheWorkload, 7, 4_000_000, load);
    }

    private void limit(boolean toTheWorkload) {
        replace("vni", "" + Lab.VNI, "out: {rules: [{name: count, action: allow}]}");
        replace("port", "web", (toTheWorkload ? "out" : "in") + ": {bitsPerSecond: 10M}");
    }

    private interface Load {
        double run(Iperf iperf);
    }

    /** By what passed the limit: of frames to the workload the port's counter, of those from it the VNI's rule. */
    private void keepsToTheLimit(boolean toTheWorkload, int seconds, long measured, Load load) {
        Iperf iperf = new Iperf(lab.cA(), lab.cB(), Lab.INNER_B, seconds);
        CompletableFuture<Double> running = CompletableFuture.supplyAsync(() -> load.run(iperf));
        long begun = passed(toTheWorkload);
        awaitPassed(toTheWorkload, begun + BURST);
        long bytes = passed(toTheWorkload);
        long nanos = System.nanoTime();
        awaitPassed(toTheWorkload, bytes + measured);
        double rate = 8e9 * (passed(toTheWorkload) - bytes) / (System.nanoTime() - nanos);
        running.join();
        Figures.print("limit of 10 Mbit/s: %.2f Mbit/s passed".formatted(rate / 1e6));
        assertEquals(BITS_PER_SECOND, rate, 0.05 * BITS_PER_SECOND);
    }

    private void awaitPassed(boolean toTheWorkload, long bytes) {
        Await.until(LIMIT, "so much passed", () -> passed(toTheWorkload) >= bytes, gateway::counters);
    }

    /** Bytes of inner frames. */
    private long passed(boolean toTheWorkload) {
        if (toTheWorkload) {
            return gateway.port("web").path("txBytes").asLong();
        }
        return gateway.row("policy", "name", "count").path("bytes").asLong();
    }

    private static boolean connects(Namespace from, String address) {
        return Command.run(from.words("bash", "-c", "timeout 1 bash -c 'echo > /dev/tcp/" + address + "/5300'"))
                .output()
                .contains("refused");
    }

    private void replace(String kind, String name, String policy) {
        gateway.done("policy", "replace", kind, name, file(policy));
    }

    private String file(String text) {
        try {
            return Files.writeString(folder.resolve("policy.yaml"), text).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
