package dev.peregrine.gateway.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Socket ports: an application without a network stack, asked by a container through the overlay. */
@LiveTest
class SocketPortTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String ADDRESS = "198.19.0.9";
    private static final String ADDRESS6 = "fd19::9";
    private static final String PORT = "9000";

    @TempDir
    private Path folder = Path.of("");

    @Test
    void unixApplicationAnswersContainers() throws IOException {
        Path socket = folder.resolve("app.sock");
        try (Scene scene = open("\"" + ADDRESS + ":" + PORT + "\"", "unix:" + socket)) {
            Lab lab = scene.lab();
            List<String> echo = Jvm.words(UnixEcho.class, socket.toString());
            for (int life = 0; life < 2; life++) {
                try (var application = BackgroundProcess.start(lab.hB().words(echo))) {
                    application.awaitLine(LIMIT, "application", "listening"::equals);
                    assertAnswered(lab.cA(), ADDRESS, 200, 1000);
                    assertAnswered(lab.cB(), ADDRESS, 200, 18);
                }
                Files.delete(socket);
            }
        }
    }

    @Test
    void udpApplicationAnswersContainers() {
        try (Scene scene = open("\"" + ADDRESS + ":" + PORT + "\"", "udp:127.0.0.1:9001")) {
            Lab lab = scene.lab();
            try (var application = BackgroundProcess.start(
                    lab.hB().words(Jvm.words(DatagramPeer.class, "echo", "127.0.0.1", "9001")))) {
                application.awaitLine(LIMIT, "application", "listening"::equals);
                assertAnswered(lab.cA(), ADDRESS, 200, 1400);
                assertAnswered(lab.cB(), ADDRESS, 200, 1);
            }
        }
    }

    @Test
    void ipv6ApplicationAnswersContainers() {
        try (Scene scene = open("\"[" + ADDRESS6 + "]:" + PORT + "\"", "udp:127.0.0.1:9001")) {
            Lab lab = scene.lab();
            lab.enableInnerIpv6();
            Ping.loses0(lab.cA(), ADDRESS6, 20, 56);
            try (var application = BackgroundProcess.start(
                    lab.hB().words(Jvm.words(DatagramPeer.class, "echo", "127.0.0.1", "9001")))) {
                application.awaitLine(LIMIT, "application", "listening"::equals);
                assertAnswered(lab.cA(), ADDRESS6, 200, 1000);
                assertAnswered(lab.cB(), ADDRESS6, 200, 1000);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 56, 1400})
    void answersArpAndPing(int payload) {
        try (Scene scene = open("\"" + ADDRESS + ":" + PORT + "\"", "udp:127.0.0.1:9001")) {
            Lab lab = scene.lab();
            String mac = scene.gateway().port("app").path("mac").asText();
            for (Namespace container : List.of(lab.cA(), lab.cB())) {
                Ping.loses0(container, ADDRESS, 50, payload);
                String neighbours = container.ip("neigh show");
                assertTrue(neighbours.contains(ADDRESS + " dev eth0 lladdr " + mac), neighbours);
            }
        }
    }

    @Test
    void datagramsWithoutAnApplicationAreCounted() {
        try (Scene scene = open("\"" + ADDRESS + ":" + PORT + "\"", "unix:" + folder.resolve("nobody.sock"))) {
            Lab lab = scene.lab();
            Ping.loses0(lab.cA(), ADDRESS, 1, 56);
            Map<String, Long> before = scene.gateway().drops();
            ask(lab.cA(), ADDRESS, 3, 10);
            assertEquals(Map.of("SOCKET_UNREACHABLE", 3L), scene.gateway().dropsSince(before));
        }
    }

    private static Scene open(String listen, String deliver) {
        return Scene.open(Underlay.IPV4_OFFLOAD, lab -> lab.gatewayConfigB() + """
                      - {name: app, type: socket, listen: %s, deliver: "%s"}
                """.formatted(listen, deliver));
    }

    private static void assertAnswered(Namespace from, String address, int count, int bytes) {
        String said = ask(from, address, count, bytes);
        assertTrue(said.contains("answered %d of %d\n".formatted(count, count)), said);
    }

    private static String ask(Namespace from, String address, int count, int bytes) {
        List<String> ask = Jvm.words(DatagramPeer.class, "ask", address, PORT, "" + count, "" + bytes, "1");
        return Command.run(LIMIT, from.words(ask)).orFail().output();
    }
}
