package dev.peregrine.gateway.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ControlServerTest {
    private static final String STATUS = "{\"command\":[\"status\"]}\n";

    @TempDir
    private Path folder;

    private final FakeNouns nouns = new FakeNouns();
    private final ExecutorService control =
            Executors.newSingleThreadExecutor(task -> new Thread(task, "control-thread"));
    private Path socket;
    private ControlServer server;

    @BeforeEach
    void start() throws IOException {
        socket = folder.resolve("run/control.sock");
        server = ControlServer.start(socket, nouns.list(), control);
    }

    @AfterEach
    void stop() {
        server.close();
        control.shutdownNow();
    }

    @Test
    void socketAndItsFolderArePrivate() throws IOException {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.getParent())));
    }

    @Test
    void closingRemovesTheSocketFile() {
        server.close();
        assertFalse(Files.exists(socket));
    }

    @Test
    void commandsRunOnTheGivenExecutor() throws IOException {
        ask(STATUS);
        assertEquals(List.of("status on control-thread"), nouns.told);
    }

    @Test
    void answersHaveThePinnedFieldsInOrder() throws IOException {
        assertTrue(ask(STATUS)
                .startsWith(
                        "{\"ok\":true,\"result\":{\"version\":\"1.2.3\",\"underlayMode\":\"native\",\"schedule\":\"run-to-completion\","
                                + "\"scheduleReason\":\"no worker is busy\",\"workers\":2,\"rxPackets\":1000,\"txPackets\":900,\"drops\":7,\"state\":\"ready\",\"uptimeSeconds\":93784,"
                                + "\"local\":\"198.18.0.2\",\"port\":4789,\"fdbEntries\":3,\"offloads\":[{\"name\":\"gro\",\"enabled\":true,"
                                + "\"reason\":\"\"},{\"name\":\"gso\",\"enabled\":false,\"reason\":\"EIO on send\"},"));
        assertEquals(
                "{\"ok\":true,\"result\":[{\"mac\":\"02:00:00:00:00:01\",\"vni\":42,\"port\":null,\"vtep\":\"198.18.0.1\","
                        + "\"state\":\"static\",\"ageSeconds\":0,\"sticky\":false,\"origin\":\"etcd\",\"plane\":\"reg\",\"sequence\":3},"
                        + "{\"mac\":\"02:00:00:00:00:02\",\"vni\":42,\"port\":\"web\",\"vtep\":null,\"state\":\"dynamic\",\"ageSeconds\":12,"
                        + "\"sticky\":true,\"origin\":\"command\",\"plane\":null,\"sequence\":null}]}",
                ask("{\"command\":[\"fdb\",\"list\"],\"arguments\":{\"vni\":42}}\n"));
        assertFields(
                ask("{\"command\":[\"port\",\"list\"]}\n"),
                "\"name\":\"web\"",
                "\"vni\":42",
                "\"type\":\"tap\"",
                "\"device\":\"eth0\"",
                "\"mac\":\"02:00:00:00:00:02\"",
                "\"rxPackets\":10",
                "\"txPackets\":20",
                "\"rxBytes\":1000",
                "\"txBytes\":2000");
        assertFields(
                ask("{\"command\":[\"drop\",\"list\"]}\n"),
                "\"reason\":\"UNDERLAY_REFUSED\"",
                "\"count\":7",
                "\"text\":\"The kernel");
    }

    private static void assertFields(String answer, String... fields) {
        int from = 0;
        for (String field : fields) {
            int at = answer.indexOf(field, from);
            assertTrue(at >= 0, () -> field + " is not in its place in " + answer);
            from = at + field.length();
        }
    }

    @Test
    void refusesWhatIsNotOfTheProtocolAndGoesOn() throws IOException {
        try (SocketChannel channel = connect();
                BufferedReader reader = reader(channel)) {
            assertEquals(bad("expected one JSON object in a line"), ask(channel, reader, "nonsense\n"));
            assertEquals(bad("expected one JSON object in a line"), ask(channel, reader, "\n"));
            assertEquals(bad("expected one JSON object in a line"), ask(channel, reader, "[1]\n"));
            assertEquals(bad("expected one JSON object in a line"), ask(channel, reader, "{} {}\n"));
            assertEquals(
                    bad("unknown command: tunnel list"), ask(channel, reader, "{\"command\":[\"tunnel\",\"list\"]}\n"));
            assertEquals(bad("unknown command: "), ask(channel, reader, "{}\n"));
            assertEquals(bad("unknown argument vin"), ask(channel, reader, fdb("list", "\"vin\":1")));
            assertEquals(
                    bad("vni: expected an integer from 0 to 16777215"),
                    ask(channel, reader, fdb("list", "\"vni\":16777216")));
            for (String number : new String[] {"-1", "1.0", "\"1\"", "true", "4294967338", "[1]", "{}"}) {
                assertEquals(
                        bad("vni: expected an integer from 0 to 16777215"),
                        ask(channel, reader, fdb("list", "\"vni\":" + number)));
            }
            assertEquals(bad("port: expected a string"), ask(channel, reader, fdb("flush", "\"port\":7")));
            assertEquals(bad("vtep: expected a string"), ask(channel, reader, fdb("flush", "\"vtep\":[]")));
            assertEquals(
                    bad("vtep: expected an IPv4 or IPv6 address"),
                    ask(channel, reader, fdb("flush", "\"vtep\":\"host\"")));
            assertEquals(bad("static: expected true or false"), ask(channel, reader, fdb("flush", "\"static\":1")));
            assertEquals(
                    bad("direction: expected in or out"),
                    ask(
                            channel,
                            reader,
                            "{\"command\":[\"policy\",\"del\"],\"arguments\":{\"vni\":1,\"direction\":\"up\",\"name\":\"a\"}}\n"));
            assertEquals(
                    bad("unknown argument x"),
                    ask(channel, reader, "{\"command\":[\"status\"],\"arguments\":{\"x\":null}}\n"));
            assertEquals(
                    bad("arguments: expected an object"),
                    ask(channel, reader, "{\"command\":[\"status\"],\"arguments\":[]}\n"));
            assertEquals(bad("mac is missing"), ask(channel, reader, fdb("del", "\"vni\":1")));
            assertEquals(
                    bad("mac: expected a unicast MAC address"),
                    ask(channel, reader, fdb("del", "\"vni\":1,\"mac\":\"ff:ff:ff:ff:ff:ff\"")));
            assertEquals(
                    bad("expected vtep or port, one of the two"),
                    ask(channel, reader, fdb("add", "\"vni\":1,\"mac\":\"02:00:00:00:00:01\"")));
            assertEquals(
                    "{\"ok\":false,\"error\":\"VNI 43 is not configured\",\"exit\":1}",
                    ask(channel, reader, fdb("list", "\"vni\":43")));
            assertTrue(ask(channel, reader, STATUS).startsWith("{\"ok\":true"));
            assertTrue(ask(channel, reader, fdb("list", "\"vni\":null")).startsWith("{\"ok\":true"), "null is absent");
        }
    }

    @Test
    void aCommandThatThrowsIsAnErrorAndNotTheEnd() throws IOException {
        assertEquals(
                "{\"ok\":false,\"error\":\"the command failed, the gateway's log says why:"
                        + " java.lang.IllegalStateException: a bug\",\"exit\":1}",
                ask(fdb("del", "\"vni\":13,\"mac\":\"02:00:00:00:00:01\"")));
        assertTrue(ask(STATUS).startsWith("{\"ok\":true"));
    }

    @Test
    void aCommandThatFailsWithAnErrorIsAnsweredToo() throws IOException {
        assertEquals(
                "{\"ok\":false,\"error\":\"the command failed, the gateway's log says why:"
                        + " java.lang.StackOverflowError: too deep\",\"exit\":1}",
                ask(fdb("del", "\"vni\":14,\"mac\":\"02:00:00:00:00:01\"")));
        assertTrue(ask(STATUS).startsWith("{\"ok\":true"));
    }

    @Test
    void aChangeThatAWorkerDoesNotConfirmIsRefusedWithTheReason() throws IOException {
        assertEquals(
                "{\"ok\":false,\"error\":\"the change is made, but worker 0 is stuck\",\"exit\":1}",
                ask(fdb("del", "\"vni\":15,\"mac\":\"02:00:00:00:00:01\"")));
    }

    @Test
    void requestsInOneWriteAreAnsweredInOrderAlsoAfterTheClientsEnd() throws IOException {
        try (SocketChannel channel = connect();
                BufferedReader reader = reader(channel)) {
            write(channel, fdb("list", "\"vni\":1") + fdb("list", "\"vni\":2") + fdb("list", "\"vni\":3"));
            channel.shutdownOutput();
            for (int vni = 1; vni <= 3; vni++) {
                String answer = String.valueOf(reader.readLine());
                assertTrue(answer.contains("VNI " + vni + " is not configured"), answer);
            }
            assertEquals(-1, reader.read());
        }
    }

    @Test
    void refusesALineOfMoreThanOneMebibyte() throws Exception {
        Thread writer;
        try (SocketChannel channel = connect();
                BufferedReader reader = reader(channel)) {
            writer = Thread.ofPlatform().start(() -> writeUntilHungUp(channel, "x".repeat((1 << 20) + 4096)));
            assertEquals(bad("the request line is longer than 1048576 bytes"), reader.readLine());
        }
        writer.join();
        assertTrue(ask(STATUS).startsWith("{\"ok\":true"));
    }

    private static void writeUntilHungUp(SocketChannel channel, String text) {
        try {
            write(channel, text);
        } catch (IOException hungUp) {
            // The server need not read a line to its end to know that it is too long.
        }
    }

    @Test
    void manyClientsAtOnceAreAllAnswered() throws Exception {
        try (ExecutorService clients = Executors.newFixedThreadPool(16)) {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) answers.add(clients.submit(() -> ask(STATUS)));
            for (Future<String> answer : answers) {
                assertTrue(answer.get(20, TimeUnit.SECONDS).startsWith("{\"ok\":true"));
            }
        }
        assertEquals(200, nouns.told.size());
    }

    @Test
    void refusesMoreThanItsBoundOfConnections() throws IOException {
        List<SocketChannel> channels = new ArrayList<>();
        try {
            for (int i = 0; i < 32; i++) {
                SocketChannel channel = connect();
                channels.add(channel);
                assertTrue(ask(channel, reader(channel), STATUS).startsWith("{\"ok\":true"));
            }
            SocketChannel tooMany = connect();
            channels.add(tooMany);
            assertEquals(
                    "{\"ok\":false,\"error\":\"there are 32 control connections already\",\"exit\":1}",
                    reader(tooMany).readLine());
        } finally {
            for (SocketChannel channel : channels) channel.close();
        }
    }

    @Tag("slow")
    @Test
    void closesAConnectionThatGetsNothingDone() throws IOException {
        Path other = folder.resolve("idle.sock");
        try (ControlServer _ = ControlServer.start(other, nouns.list(), control, 1);
                SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(other))) {
            write(channel, "half a li");
            assertEquals(-1, channel.read(ByteBuffer.allocate(1)));
        }
    }

    @Test
    void replacesTheSocketOfACrashedGateway() throws IOException {
        Path stale = folder.resolve("stale.sock");
        try (ServerSocketChannel crashed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            crashed.bind(UnixDomainSocketAddress.of(stale));
        }
        assertTrue(Files.exists(stale), "closing a Java server socket leaves its file");
        try (ControlServer _ = ControlServer.start(stale, nouns.list(), control);
                SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(stale))) {
            assertTrue(ask(channel, reader(channel), STATUS).startsWith("{\"ok\":true"));
        }
    }

    @Test
    void leavesTheSocketOfALivingGatewayAlone() throws IOException {
        IOException refused = assertThrows(IOException.class, () -> ControlServer.start(socket, nouns.list(), control));
        assertEquals(
                "a gateway answers at " + socket + " already: stop it, or set control.socket", refused.getMessage());
        assertTrue(ask(STATUS).startsWith("{\"ok\":true"));
    }

    @Test
    void doesNotRemoveAFileThatIsNoSocket() throws IOException {
        Path file = Files.writeString(folder.resolve("notes.txt"), "precious");
        IOException refused = assertThrows(IOException.class, () -> ControlServer.start(file, nouns.list(), control));
        assertEquals(file + " is there and is not a socket: remove it, or set control.socket", refused.getMessage());
        assertEquals("precious", Files.readString(file));
    }

    @Test
    void namesTheSystemsErrorWithoutClasses() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        IOException inFile = assertThrows(
                IOException.class, () -> ControlServer.start(file.resolve("control.sock"), nouns.list(), control));
        assertEquals(
                "cannot open the control socket: " + file
                        + ": EEXIST (file exists): set control.socket or --socket to a"
                        + " path that this user may make",
                inFile.getMessage());
        IOException unbound = assertThrows(
                IOException.class, () -> ControlServer.start(Path.of("/proc/control.sock"), nouns.list(), control));
        assertTrue(
                String.valueOf(unbound.getMessage())
                        .matches("cannot open the control socket: /proc/control.sock: E[A-Z]+ \\([a-z ]+\\): set .*"),
                unbound::getMessage);
    }

    private static String bad(String message) {
        return "{\"ok\":false,\"error\":\"" + message + "\",\"exit\":2}";
    }

    private static String fdb(String verb, String arguments) {
        return "{\"command\":[\"fdb\",\"" + verb + "\"],\"arguments\":{" + arguments + "}}\n";
    }

    private String ask(String request) {
        try (SocketChannel channel = connect();
                BufferedReader reader = reader(channel)) {
            return ask(channel, reader, request);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String ask(SocketChannel channel, BufferedReader reader, String request) throws IOException {
        write(channel, request);
        return String.valueOf(reader.readLine());
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    private static BufferedReader reader(SocketChannel channel) {
        return new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) channel.write(bytes);
    }
}
