package dev.peregrine.gateway.live.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The FDB of a gateway, with the kernel's VTEP and its container on the other side. */
@LiveTest
class FdbTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void anEntryAgesWhileFramesGoToIt() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, withVni("ageing: 10s"))) {
            Lab lab = scene.lab();
            lab.enableInnerIpv6();
            Ping.loses0(lab.cB(), Lab.INNER6_A, 1, 56);
            awaitEntry(scene, Lab.MAC_A);
            lab.cA().ip("link set eth0 down");
            try (var ping =
                    BackgroundProcess.start(lab.cB().words("ping", "-n", "-i", "0.2", "-c", "150", Lab.INNER6_A))) {
                Await.until(
                        Duration.ofSeconds(20),
                        "the entry of a silent MAC goes",
                        () -> row(scene, Lab.MAC_A).isEmpty(),
                        () -> scene.gateway().json("fdb", "list"));
                assertTrue(ping.isAlive(), "frames still go to it");
                ping.kill();
            }
        }
    }

    @Test
    void aMoveIsToldAndAStickyEntryStays() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE)) {
            Lab lab = scene.lab();
            lab.enableInnerIpv6();
            String mac = "02:00:00:00:00:77";
            GatewayProcess gateway = scene.gateway();
            add(gateway, mac, "vtep", "198.18.0.1");
            lab.cB().ip("link add link eth0 name mv0 address " + mac + " type macvlan mode bridge");
            lab.cB().ip("link set mv0 up");
            lab.cB().ip("address add 198.19.0.77/24 dev mv0");
            speak(lab.cB());
            Await.until(
                    LIMIT,
                    "the MAC moved to port web",
                    () -> "web".equals(port(scene, mac)),
                    () -> gateway.json("fdb", "list"));
            assertEquals(1, vni(scene).path("fdbMoves").asLong());
            Await.until(
                    LIMIT,
                    "the log says so",
                    () -> gateway.log().stream()
                            .anyMatch(line -> line.contains(mac + " in VNI 42 moved from VTEP 198.18.0.1 to port web")),
                    () -> String.join("\n", gateway.log()));
            add(gateway, mac, "vtep", "198.18.0.1", "sticky");
            long before = gateway.drops().getOrDefault("FDB_STATIC_ENTRY", 0L);
            speak(lab.cB());
            Await.until(
                    LIMIT,
                    "its frames from elsewhere are dropped",
                    () -> gateway.drops().getOrDefault("FDB_STATIC_ENTRY", 0L) > before,
                    gateway::drops);
            JsonNode entry = row(scene, mac).orElseThrow();
            assertTrue(entry.path("sticky").asBoolean(), entry::toString);
            assertEquals("dynamic", entry.path("state").asText());
        }
    }

    @Test
    void aPortTakesAtMostItsLimitOfPlaces() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, withVni("fdbLimitPerPort: 2"))) {
            Lab lab = scene.lab();
            for (int i = 0; i < 4; i++) {
                String device = "mv" + i;
                lab.cB()
                        .ip("link add link eth0 name %s address 02:00:00:00:01:0%d type macvlan mode bridge"
                                .formatted(device, i));
                lab.cB().ip("link set " + device + " up");
                lab.cB().ip("address add 198.19.1.%d/32 dev %s".formatted(i + 1, device));
                lab.cB().ip("route add 198.19.2.%d dev %s".formatted(i + 1, device));
                Command.run(lab.cB().words("ping", "-n", "-c", "1", "-W", "0.1", "198.19.2." + (i + 1)));
            }
            Await.until(
                    LIMIT,
                    "two were refused",
                    () -> vni(scene).path("fdbRefused").asLong() >= 2,
                    () -> scene.gateway().json("fdb", "list"));
            assertEquals(2, learnedBehindWeb(scene));
            assertFalse(scene.gateway().json("fdb", "list").isEmpty());
        }
    }

    private static JsonNode vni(Scene scene) {
        return scene.gateway().row("vni", "vni", "" + Lab.VNI);
    }

    private static long learnedBehindWeb(Scene scene) {
        long count = 0;
        for (JsonNode row : scene.gateway().json("fdb", "list")) {
            boolean learned = row.path("state").asText().equals("dynamic");
            count += learned && row.path("port").asText().equals("web") ? 1 : 0;
        }
        return count;
    }

    private static Function<Lab, String> withVni(String key) {
        return lab -> lab.gatewayConfigB().replace("- vni: 42\n", "- vni: 42\n    " + key + "\n");
    }

    private static void add(GatewayProcess gateway, String mac, String... where) {
        List<String> words = new ArrayList<>(List.of("fdb", "add", mac, "vni", "" + Lab.VNI));
        words.addAll(List.of(where));
        GatewayProcess.Answer answer = gateway.command(words.toArray(String[]::new));
        assertEquals(0, answer.exit(), answer::toString);
    }

    /** Broadcasts an ARP request from the second device of a container. */
    private static void speak(Namespace container) {
        container.ip("neigh flush dev mv0");
        Command.run(container.words("ping", "-n", "-c", "1", "-W", "0.1", "-I", "mv0", "198.19.0.200"));
    }

    private static void awaitEntry(Scene scene, String mac) {
        Await.until(
                LIMIT,
                "entry of " + mac,
                () -> row(scene, mac).isPresent(),
                () -> scene.gateway().json("fdb", "list"));
    }

    private static String port(Scene scene, String mac) {
        return row(scene, mac).map(row -> row.path("port").asText()).orElse("");
    }

    /** The entry of a MAC. */
    private static Optional<JsonNode> row(Scene scene, String mac) {
        for (JsonNode row : scene.gateway().json("fdb", "list")) {
            if (row.path("mac").asText().equals(mac)) {
                return Optional.of(row);
            }
        }
        return Optional.empty();
    }
}
