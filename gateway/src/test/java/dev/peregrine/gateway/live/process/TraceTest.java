package dev.peregrine.gateway.live.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.gateway.Main;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.Jvm;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** {@code trace} of real packets: each is followed to its end, whatever became of it. */
@LiveTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TraceTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Scene scene = Scene.open(Underlay.IPV4_WIRE);
    private final Lab lab = scene.lab();
    private final GatewayProcess gateway = scene.gateway();

    @AfterAll
    void close() {
        scene.close();
    }

    private BackgroundProcess pings() {
        return BackgroundProcess.start(lab.cA().words("ping", "-n", "-i", "0.02", Lab.INNER_B));
    }

    private List<JsonNode> trace(String... words) {
        List<String> line = new ArrayList<>(List.of("trace", "--seconds", "20"));
        line.addAll(List.of(words));
        GatewayProcess.Answer answer = gateway.command(line.toArray(String[]::new));
        assertEquals(0, answer.exit(), answer::toString);
        List<JsonNode> packets = new ArrayList<>();
        answer.out().lines().forEach(packet -> {
            try {
                packets.add(JSON.readTree(packet));
            } catch (IOException e) {
                throw new UncheckedIOException(answer.toString(), e);
            }
        });
        return packets;
    }

    private static List<String> stages(JsonNode packet) {
        return StreamSupport.stream(packet.path("stages").spliterator(), false)
                .map(step -> step.path("stage").asText())
                .toList();
    }

    @Test
    void everyStageOfAWalkIsShown() {
        gateway.json("flow", "off");
        try (BackgroundProcess _ = pings()) {
            List<JsonNode> packets = trace("--count", "3", "vni", "42", "proto", "icmp", "src", Lab.INNER_A);
            assertEquals(3, packets.size(), packets::toString);
            JsonNode packet = packets.getLast();
            assertEquals(lab.vtepA(), packet.path("vtep").asText(), packet::toString);
            assertEquals(
                    List.of(
                            "underlay",
                            "underlay.lookup",
                            "vtep.decap",
                            "bridge.learn",
                            "bridge.forward",
                            "bridge.mtu",
                            "port:web.out",
                            "flow.record",
                            "endpoint:web"),
                    stages(packet),
                    packet::toString);
            assertEquals("delivered", packet.path("result").asText(), packet::toString);
            assertTrue(packet.toString().contains("the fast path is off"), packet::toString);
            long nanos = -1;
            for (JsonNode step : packet.path("stages")) {
                assertTrue(step.path("nanos").asLong() > nanos, packet::toString);
                nanos = step.path("nanos").asLong();
            }
        } finally {
            gateway.json("flow", "on");
        }
    }

    @Test
    void aCachedFlowNamesWhatItSkips() {
        try (var pings = pings()) {
            Await.until(
                    LIMIT,
                    "hits",
                    () -> gateway.json("flow", "stats").path("hits").asLong() > 5,
                    pings::toString);
            JsonNode packet =
                    trace("--count", "1", "proto", "icmp", "src", Lab.INNER_A).getFirst();
            assertEquals(
                    List.of("underlay", "underlay.lookup", "flow.record", "endpoint:web"),
                    stages(packet),
                    packet::toString);
            JsonNode lookup = packet.path("stages").get(1);
            assertTrue(lookup.path("note").asText().startsWith("takes the fast path: decided"), packet::toString);
            assertEquals(
                    List.of(
                            "vtep.decap",
                            "policy.in",
                            "bridge.learn",
                            "bridge.forward",
                            "bridge.mtu",
                            "policy:web.out",
                            "port:web.out"),
                    JSON.convertValue(lookup.path("skipped"), List.class),
                    packet::toString);
        }
    }

    @Test
    void aDropSaysWhereAndWhy() {
        gateway.json("policy", "add", "port", "web", "out", "{name: stop, action: deny, protocol: icmp}");
        try (BackgroundProcess _ = pings()) {
            JsonNode packet = trace("--count", "1", "drop", "POLICY_DENIED", "src", Lab.INNER_A)
                    .getFirst();
            assertEquals("dropped", packet.path("result").asText(), packet::toString);
            assertEquals("POLICY_DENIED", packet.path("reason").asText(), packet::toString);
            JsonNode last = packet.path("stages").get(packet.path("stages").size() - 1);
            assertEquals("policy:web.out", last.path("stage").asText(), packet::toString);
            assertEquals("drop", last.path("verdict").asText(), packet::toString);
        } finally {
            gateway.json("policy", "del", "port", "web", "out", "stop");
        }
    }

    @Test
    void thereIsOneAtATimeAndItEndsWithItsClient() {
        String socket = gateway.socket().toString();
        List<String> first = Jvm.words(Main.class, "--socket", socket, "trace", "--seconds", "300", "vni", "99");
        try (var client = BackgroundProcess.start(first)) {
            client.awaitLine(
                    LIMIT, "begin of the trace", line -> line.startsWith("trace: at most 10 packets and 300 s"));
            GatewayProcess.Answer second = gateway.command("trace", "--seconds", "1");
            assertEquals(1, second.exit(), second::toString);
            assertTrue(second.err().contains("a trace is running already"), second::toString);
            client.terminate();
            client.awaitExit(LIMIT);
            assertEquals("0 packets, 0 missed", client.lines().getLast());
        }
        Await.until(
                LIMIT,
                "the next one is taken",
                () -> gateway.command("trace", "--seconds", "1", "vni", "99").exit() == 0,
                gateway::toString);
    }

    @Test
    void aWrongWordIsNamed() {
        GatewayProcess.Answer answer = gateway.command("trace", "proto", "tpc");
        assertEquals(2, answer.exit(), answer::toString);
        assertTrue(answer.err().contains("found proto tpc; expected tcp"), answer::toString);
    }
}
