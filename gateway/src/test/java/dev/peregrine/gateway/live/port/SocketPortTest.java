package dev.peregrine.gateway.live.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.Jvm;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.DatagramPeer;
import dev.peregrine.gateway.live.traffic.UnixEcho;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

    /** Reasons for which a long datagram, or a part of it, is dropped. */
    private static final Set<String> OF_FRAGMENTS = Arrays.stream(DropReason.values())
            .map(DropReason::name)
            .filter(name -> name.contains("FRAG") || name.contains("TOO_LONG") || name.equals("MTU_EXCEEDED"))
            .collect(Collectors.toSet());

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

    /** The application is in a container's network namespace, of whose abstract names the gateway has none. */
    @Test
    void unixApplicationAnswersFromAnotherNamespace() throws IOException {
        Path socket = folder.resolve("app.sock");
        try (Scene scene = open("\"" + ADDRESS + ":" + PORT + "\"", "unix:" + socket)) {
            Lab lab = scene.lab();
            List<String> echo = Jvm.words(UnixEcho.class, socket.toString());
            try (var application = BackgroundProcess.start(lab.cB().words(echo))) {
                application.awaitLine(LIMIT, "application", "listening"::equals);
                assertAnswered(lab.cA(), ADDRESS, 200, 1000);
                assertAnswered(lab.cA(), ADDRESS, 5, 60_000);
                assertTrue(names().contains("app.sock.app.0.0000"), () -> names().toString());
            }
        }
        assertEquals(List.of("app.sock"), names());
    }

    /** Sockets that a killed gateway left are removed; another's socket, and files of others, are not. */
    @Test
    void staleSocketsAreRemovedAtTheStart() throws IOException {
        Path socket = folder.resolve("app.sock");
        Path stale = folder.resolve("app.sock.app.0.00ff");
        Path file = folder.resolve("app.sock.app.0.00fe");
        Path living = folder.resolve("app.sock.app.0.00fd");
        Path other = folder.resolve("app.sock.other.0.0000");
        for (Path path : List.of(stale, other)) {
            try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                left.bind(UnixDomainSocketAddress.of(path));
            }
        }
        Files.createFile(file);
        try (ServerSocketChannel used = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            used.bind(UnixDomainSocketAddress.of(living));
            try (Scene scene = open("\"" + ADDRESS + ":" + PORT + "\"", "unix:" + socket)) {
                assertEquals("up", scene.gateway().port("app").path("state").asText());
                List<String> left =
                        Stream.of(living, file, other).map(SocketPortTest::name).toList();
                assertEquals(left.stream().sorted().toList(), names());
            }
        }
    }

    private List<String> names() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(SocketPortTest::name).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(Path path) {
        return path.getFileName().toString();
    }

    /** Reported at WSL 6082, hysteria 241, gvisor-tap-vsock 223: such datagrams were lost. */
    @Test
    void longDatagramsComeAndGoInFragments() {
        try (Scene scene = open("\"" + ADDRESS + ":" + PORT + "\"", "udp:127.0.0.1:9001")) {
            assertLongDatagramsAreAnswered(scene, ADDRESS);
        }
    }

    @Test
    void longDatagramsComeAndGoInFragmentsOverIpv6() {
        try (Scene scene = open("\"[" + ADDRESS6 + "]:" + PORT + "\"", "udp:127.0.0.1:9001")) {
            scene.lab().enableInnerIpv6();
            assertLongDatagramsAreAnswered(scene, ADDRESS6);
        }
    }

    private static void assertLongDatagramsAreAnswered(Scene scene, String address) {
        Lab lab = scene.lab();
        try (var application =
                BackgroundProcess.start(lab.hB().words(Jvm.words(DatagramPeer.class, "echo", "127.0.0.1", "9001")))) {
            application.awaitLine(LIMIT, "application", "listening"::equals);
            Map<String, Long> before = scene.gateway().drops();
            for (Namespace container : List.of(lab.cA(), lab.cB())) {
                assertAnswered(container, address, 100, 2_000);
                assertAnswered(container, address, 20, 60_000);
                assertAnswered(container, address, 5, 65_507);
            }
            Map<String, Long> dropped = scene.gateway().dropsSince(before);
            dropped.keySet().retainAll(OF_FRAGMENTS); // the containers' kernels send to groups, too
            assertEquals(Map.of(), dropped);
        }
    }

    @Test
    void portListSaysWhereItListensAndThatNobodyReceives() throws IOException {
        Path socket = folder.resolve("app.sock");
        try (Scene scene = open("\"" + ADDRESS + ":" + PORT + "\"", "unix:" + socket)) {
            JsonNode port = scene.gateway().port("app");
            assertEquals(ADDRESS + ":" + PORT, port.path("addresses").asText());
            assertEquals("up", port.path("state").asText());
            String problem = port.path("problem").asText();
            assertTrue(problem.startsWith("nobody receives at unix:" + socket + ": ENOENT"), problem);
            List<String> echo = Jvm.words(UnixEcho.class, socket.toString());
            try (var application = BackgroundProcess.start(scene.lab().hB().words(echo))) {
                application.awaitLine(LIMIT, "application", "listening"::equals);
                assertTrue(scene.gateway().port("app").path("problem").isNull());
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
            scene.gateway().awaitDropsSince(before, Map.of("SOCKET_UNREACHABLE", 3L));
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
