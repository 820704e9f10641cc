package dev.peregrine.gateway.live.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.gateway.live.lab.Conformance;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.Jvm;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.Ticker;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Flows that run while commands revoke them, as {@code conntrack -D} does. Reported by readers: an established flow
 * went on for as long as it was used, whatever rule was added.
 */
@Conformance("reported by users")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EndedFlowsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String PORT = "5400";

    /** Ticks that were on their way when a command took effect: a busy machine may hold those of a second. */
    private static final int ON_THE_WAY = 200;

    private static final int SOME = 50;
    private static final String ALLOWED =
            "{default: deny, rules: [{name: arp, action: allow, protocol: arp}, {name: service, action: allow,"
                    + " destinationPorts: [" + PORT + "], protocol: %s}]}";
    private static final String STOP = "{name: %s, action: deny, protocol: %s, destinationPorts: [" + PORT + "]}";

    private final Scene scene = Scene.open(Underlay.IPV4_WIRE);
    private final Lab lab = scene.lab();
    private final GatewayProcess gateway = scene.gateway();

    @TempDir
    private Path folder;

    @AfterAll
    void close() {
        scene.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "udp"})
    void aNewRuleEndsWhatItDeniesIfAsked(String protocol) {
        try (Flow flow = new Flow(protocol, answersOnly(protocol))) {
            gateway.done("policy", "add", "port", "web", "out", STOP.formatted("first", protocol), "before", "service");
            flow.awaitTicks(SOME);
            gateway.done(
                    "policy",
                    "add",
                    "port",
                    "web",
                    "out",
                    STOP.formatted("second", protocol),
                    "before",
                    "service",
                    "--end-flows");
            flow.hasStopped();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "udp"})
    void flushingEndsWhatNoRuleLetsBegin(String protocol) {
        try (Flow flow = new Flow(protocol, answersOnly(protocol))) {
            gateway.done("policy", "del", "port", "web", "out", "service");
            flow.awaitTicks(SOME);
            gateway.done("state", "flush", "proto", protocol, "port", "9");
            flow.awaitTicks(SOME);
            gateway.done("state", "flush", "proto", protocol, "port", PORT);
            flow.hasStopped();
        }
    }

    /** Rules that let it begin let it go on: a connection is picked up in its middle. */
    @ParameterizedTest
    @ValueSource(strings = {"tcp", "udp"})
    void flushingLeavesWhatRulesLetBegin(String protocol) {
        try (Flow flow = new Flow(protocol, "replies: on\nout: " + ALLOWED.formatted(protocol))) {
            gateway.done("state", "flush");
            flow.awaitTicks(SOME);
        }
    }

    /** The workload may send whatever it likes, and sends when the flow is ended: that brings nothing back. */
    @Test
    void theWorkloadDoesNotBringBackWhatIsDenied() {
        try (Flow flow = new Flow("tcp", "replies: on\nout: " + ALLOWED.formatted("tcp"))) {
            Map<String, Long> before = gateway.drops();
            gateway.done(
                    "policy",
                    "add",
                    "port",
                    "web",
                    "out",
                    STOP.formatted("stop", "tcp"),
                    "before",
                    "service",
                    "--end-flows");
            Await.until(
                    LIMIT,
                    "what acknowledges the workload's segments is denied",
                    () -> gateway.dropsSince(before).getOrDefault("POLICY_DENIED", 0L) >= 3,
                    gateway::counters);
            assertEquals(0, flow.states(), "it is followed again");
        }
    }

    private static String answersOnly(String protocol) {
        return """
                replies: on
                in: {default: deny, rules: [{name: arp, action: allow, protocol: arp}]}
                out: %s
                """.formatted(ALLOWED.formatted(protocol));
    }

    /** One flow that container A began with container B, and that runs. */
    private final class Flow implements AutoCloseable {
        private final String protocol;
        private final BackgroundProcess server;
        private final BackgroundProcess client;

        Flow(String protocol, String policy) {
            this.protocol = protocol;
            gateway.done("policy", "replace", "port", "web", file(policy));
            server = BackgroundProcess.start(
                    lab.cB().words(Jvm.words(Ticker.class, "serve", protocol, Lab.INNER_B, PORT)));
            server.awaitLine(LIMIT, "listening server", "listening"::equals);
            client = BackgroundProcess.start(
                    lab.cA().words(Jvm.words(Ticker.class, "ask", protocol, Lab.INNER_B, PORT)));
            awaitTicks(SOME);
        }

        int ticks() {
            return client.lines().size();
        }

        /** Waits until {@code more} ticks have come. */
        void awaitTicks(int more) {
            int enough = ticks() + more;
            Await.until(LIMIT, "ticks come", () -> ticks() >= enough, () -> ticks() + " ticks; " + gateway.counters());
        }

        int states() {
            return gateway.json("state", "list", "proto", protocol, "port", PORT)
                    .size();
        }

        /** From now on no tick comes, though both ends go on, but for those on their way: then none for a second. */
        void hasStopped() {
            int ticks = ticks();
            Map<String, Long> before = gateway.drops();
            awaitSecondWithoutTick();
            int more = ticks() - ticks;
            assertTrue(more <= ON_THE_WAY, more + " ticks came");
            assertTrue(client.isAlive() && server.isAlive(), "an end stopped by itself");
            Await.until(LIMIT, "it is tried", () -> !gateway.dropsSince(before).isEmpty(), gateway::counters);
            assertEquals(0, states());
        }

        private void awaitSecondWithoutTick() {
            int[] last = {ticks()};
            long[] since = {System.nanoTime()};
            Await.until(
                    LIMIT,
                    "a second without a tick",
                    () -> {
                        int now = ticks();
                        if (now != last[0]) since[0] = System.nanoTime();
                        last[0] = now;
                        return System.nanoTime() - since[0] > TimeUnit.SECONDS.toNanos(1);
                    },
                    () -> ticks() + " ticks; " + gateway.counters());
        }

        @Override
        public void close() {
            client.close();
            server.close();
        }
    }

    private String file(String text) {
        try {
            return Files.writeString(folder.resolve("policy.yaml"), text).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
