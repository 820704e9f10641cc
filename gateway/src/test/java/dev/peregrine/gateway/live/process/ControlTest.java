package dev.peregrine.gateway.live.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.gateway.Main;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.Jvm;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands to a running gateway, and the counters that they show. */
@LiveTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ControlTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int REFUSED = 1;
    private static final int USAGE = 2;
    private static final int NO_GATEWAY = 3;

    private final Scene scene = Scene.open(Underlay.IPV4_WIRE);
    private final Lab lab = scene.lab();
    private final GatewayProcess gateway = scene.gateway();

    @AfterAll
    void close() {
        scene.close();
    }

    @ParameterizedTest
    @CsvSource({
        "drop list, reason count text",
        "port list, name vni type device mac rxPackets txPackets rxBytes txBytes",
        "fdb list, mac vni port vtep state ageSeconds",
        "vni list, vni",
        "vtep list, address",
        "worker list, name load handOffs wakeUps reorders",
        "stage list, device stage worker packets segments drops nanosPerPacket batchSize queueDepth"
    })
    void listsHaveTheirPinnedFields(String command, String fields) {
        Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, 1, 1);
        JsonNode rows = gateway.json(command.split(" ", -1));
        assertTrue(rows.isArray() && !rows.isEmpty(), rows::toString);
        for (JsonNode row : rows) {
            for (String field : fields.split(" ", -1)) assertTrue(row.has(field), () -> field + " of " + row);
            for (JsonNode value : row) assertTrue(value.isValueNode(), () -> "not flat: " + row);
        }
    }

    @Test
    void statusHasItsPinnedFields() {
        JsonNode status = gateway.status();
        for (String field : "version underlayMode schedule workers rxPackets txPackets drops".split(" ", -1)) {
            assertTrue(status.has(field), () -> field + " of " + status);
        }
        assertEquals("native", status.path("underlayMode").asText());
    }

    @Test
    void programItselfAnswersAndExits() {
        List<String> words = new ArrayList<>(Jvm.words(Main.class));
        words.addAll(List.of("--socket", gateway.socket().toString(), "--json", "status"));
        Command.Result result = Command.run(words).orFail();
        assertTrue(result.output().contains("\"underlayMode\""), result::toString);
    }

    @Test
    void countersRiseByExactlyWhatPassed() {
        lab.rememberNeighbours();
        Ping.loses0(lab.cA(), Lab.INNER_B, 1, 56); // whatever had to be learned is
        JsonNode port = gateway.port("web");
        JsonNode status = gateway.status();
        int pings = 50;
        int frame = 14 + 20 + 8 + 100;
        Ping.loses0(lab.cA(), Lab.INNER_B, pings, 100);
        assertEquals(pings, rise(port, gateway.port("web"), "txPackets"));
        assertEquals(pings, rise(port, gateway.port("web"), "rxPackets"));
        assertEquals((long) pings * frame, rise(port, gateway.port("web"), "txBytes"));
        assertEquals((long) pings * frame, rise(port, gateway.port("web"), "rxBytes"));
        assertEquals(pings, rise(status, gateway.status(), "rxPackets"));
        assertEquals(pings, rise(status, gateway.status(), "txPackets"));
        assertEquals(0, rise(status, gateway.status(), "drops"));
    }

    /** Those of a TCP stream are wire packets: superframes count their segments. */
    @Test
    void superframesCountTheirSegments() {
        Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, 1, 1);
        JsonNode port = gateway.port("web");
        long bytes = 16 << 20;
        Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, bytes, 1);
        long packets = rise(port, gateway.port("web"), "txPackets");
        long atLeast = bytes / lab.underlay().overlayMtu();
        assertTrue(packets >= atLeast && packets < 2 * atLeast, packets + " packets for " + bytes + " bytes");
        long wire = rise(port, gateway.port("web"), "txBytes");
        assertTrue(wire > bytes + packets * (14 + 20 + 20), wire + " bytes in " + packets + " packets");
    }

    private static long rise(JsonNode before, JsonNode after, String counter) {
        return after.path(counter).asLong() - before.path(counter).asLong();
    }

    @Test
    void learnsBothSides() {
        Ping.loses0(lab.cA(), Lab.INNER_B, 1, 56);
        JsonNode remote = gateway.row("fdb", "mac", Lab.MAC_A);
        assertEquals(lab.vtepA(), remote.path("vtep").asText(), remote::toString);
        assertEquals("dynamic", remote.path("state").asText(), remote::toString);
        assertEquals(Lab.VNI, remote.path("vni").asInt(), remote::toString);
        JsonNode local = gateway.row("fdb", "mac", Lab.MAC_B);
        assertEquals("web", local.path("port").asText(), local::toString);
        assertTrue(local.path("vtep").isNull(), local::toString);
    }

    @Test
    void staticEntryIsNotOverriddenByLearning() {
        String vni = "" + Lab.VNI;
        assertDone("fdb", "add", Lab.MAC_A, "vni", vni, "vtep", "198.18.0.66", "static");
        try {
            assertEquals(0, Ping.received(Ping.run(lab.cA(), Lab.INNER_B, 5, 56)), "the answers should go elsewhere");
            JsonNode entry = gateway.row("fdb", "mac", Lab.MAC_A);
            assertEquals("static", entry.path("state").asText(), entry::toString);
            assertEquals("198.18.0.66", entry.path("vtep").asText(), entry::toString);
        } finally {
            assertDone("fdb", "del", Lab.MAC_A, "vni", vni);
        }
        Ping.loses0(lab.cA(), Lab.INNER_B, 5, 56);
        assertEquals(
                "dynamic", gateway.row("fdb", "mac", Lab.MAC_A).path("state").asText());
    }

    @Test
    void addedEntryServesAndDeletedOneIsMissing() {
        String mac = "02:00:00:00:00:77";
        assertDone("fdb", "add", mac, "vni", "" + Lab.VNI, "port", "web", "static");
        assertEquals("web", gateway.row("fdb", "mac", mac).path("port").asText());
        assertDone("fdb", "del", mac, "vni", "" + Lab.VNI);
        GatewayProcess.Answer again = gateway.command("fdb", "del", mac, "vni", "" + Lab.VNI);
        assertEquals(REFUSED, again.exit(), again::toString);
        assertNotEquals("", again.err());
    }

    @Test
    void flushForgetsWhatWasLearned() {
        String kept = "02:00:00:00:00:78";
        assertDone("fdb", "add", kept, "vni", "" + Lab.VNI, "port", "web", "static");
        Ping.loses0(lab.cA(), Lab.INNER_B, 1, 56);
        assertDone("fdb", "flush", "vni", "" + Lab.VNI);
        assertEquals(Set.of(Lab.MAC_B, kept), macs(gateway.json("fdb", "list"))); // a port's own entry is static
        assertDone("fdb", "flush", "static");
        assertEquals(Set.of(Lab.MAC_B), macs(gateway.json("fdb", "list")));
        Ping.loses0(lab.cB(), Lab.INNER_A, 20, 56);
        Await.until(
                LIMIT,
                "both MAC addresses are learned again",
                () -> gateway.json("fdb", "list").size() == 2,
                () -> gateway.json("fdb", "list"));
    }

    private static Set<String> macs(JsonNode entries) {
        Set<String> macs = new HashSet<>();
        for (JsonNode entry : entries) macs.add(entry.path("mac").asText());
        return macs;
    }

    @Test
    void refusalsHaveTheirExitCodes() {
        assertEquals(REFUSED, exit("fdb", "add", Lab.MAC_A, "vni", "99", "port", "web"));
        assertEquals(REFUSED, exit("fdb", "add", Lab.MAC_A, "vni", "42", "port", "no"));
        assertEquals(USAGE, exit("fdb", "add", "junk", "vni", "42", "port", "web"));
        Path nowhere = Path.of("/nowhere/control.sock");
        assertEquals(NO_GATEWAY, GatewayProcess.command(nowhere, "status").exit());
    }

    private int exit(String... words) {
        return gateway.command(words).exit();
    }

    private void assertDone(String... words) {
        GatewayProcess.Answer answer = gateway.command(words);
        assertEquals(0, answer.exit(), answer::toString);
    }
}
