package dev.peregrine.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.Exit;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The generator's datagrams, received by the sink on the loopback interface. */
@Tag("slow")
class GenSinkTest {
    private static final String SINK_ENDS_AFTER = "20";

    private JsonNode sink = Rates.object();

    /**
     * Runs a generator against a sink that waits for {@code count} stamped datagrams; returns the generator's report.
     */
    private JsonNode run(String loopback, String inner, int count, String... options) throws Exception {
        int port = freePort(loopback);
        String address = loopback.contains(":") ? "[" + loopback + "]:" + port : loopback + ":" + port;
        CompletableFuture<CommandLineRun> receiving = CompletableFuture.supplyAsync(
                () -> CommandLineRun.of(
                        "--json",
                        "sink",
                        "--listen",
                        address,
                        "--vxlan",
                        "--vni",
                        "42",
                        "--quiet",
                        "--per-flow",
                        "--count",
                        Integer.toString(count),
                        "--duration",
                        SINK_ENDS_AFTER),
                command -> new Thread(command, "sink").start());
        awaitBound(loopback, port);
        List<String> words = new ArrayList<>(List.of("--json", "gen", "--to", address, "--vni", "42", "--quiet"));
        words.addAll(List.of("--inner-dst", "02:00:00:00:00:02/" + inner + ":5000", "--warm-up", "0"));
        words.addAll(List.of("--inner-src", "02:00:00:00:00:01/" + inner + ":60000"));
        words.addAll(List.of(options));
        JsonNode sent = CommandLineRun.of(words.toArray(String[]::new)).json();
        sink = receive(receiving);
        return sent;
    }

    private static JsonNode receive(CompletableFuture<CommandLineRun> sink)
            throws InterruptedException, ExecutionException, TimeoutException {
        return sink.get(60, TimeUnit.SECONDS).json();
    }

    private static int freePort(String loopback) throws Exception {
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral(loopback), 0))) {
            return socket.getLocalPort();
        }
    }

    /** The sink has its port when the kernel lists it: who binds the port to find out may have it instead. */
    private static void awaitBound(String loopback, int port) throws Exception {
        Path sockets = Path.of(loopback.contains(":") ? "/proc/net/udp6" : "/proc/net/udp");
        Pattern ours = Pattern.compile("\\s*\\d+: [0-9A-F]+:%04X .*".formatted(port));
        long end = System.nanoTime() + 30_000_000_000L;
        while (System.nanoTime() < end) {
            if (Files.readAllLines(sockets).stream()
                    .anyMatch(line -> ours.matcher(line).matches())) {
                return;
            }
            LockSupport.parkNanos(5_000_000);
        }
        throw new AssertionError("the sink did not bind");
    }

    private void assertAllCame(int count) {
        assertEquals(count, sink.path("packets").asInt(), sink::toString);
        assertEquals(0, sink.path("lost").asInt());
        assertEquals(0, sink.path("duplicates").asInt());
        assertEquals(0, sink.path("reordered").asInt());
        assertEquals("count", sink.path("ended").asText());
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "off"})
    void everyDatagramComesOnceAndInOrder(String gso) throws Exception {
        JsonNode sent = run("127.0.0.1", "198.19.0.9", 5000, "--count", "5000", "--rate", "50k", "--gso", gso);
        assertEquals(5000, sent.path("packets").asInt());
        assertAllCame(5000);
        assertEquals(5000 * 18, sink.path("bytes").asInt());
    }

    @Test
    void burstsShareMessages() throws Exception {
        JsonNode sent = run("127.0.0.1", "198.19.0.9", 6400, "--count", "6400", "--rate", "64k", "--burst", "64");
        assertAllCame(6400);
        assertTrue(sent.path("sendCalls").asInt() <= 100, sent::toString);
    }

    @Test
    void carriesIpv6InsideAndOutside() throws Exception {
        run("::1", "[fd19::9]", 3000, "--count", "3000", "--rate", "50k", "--flows", "3", "--size", "imix");
        assertAllCame(3000);
        assertEquals(3, sink.path("perFlow").size());
        for (JsonNode flow : sink.path("perFlow"))
            assertEquals(1000, flow.path("packets").asInt());
    }

    @Test
    void theSinkSendsBackWhatComes() throws Exception {
        int count = 10;
        int port = freePort("127.0.0.1");
        String words = "--json sink --echo --quiet --idle 1 --listen 127.0.0.1:" + port;
        CompletableFuture<CommandLineRun> receiving = CompletableFuture.supplyAsync(
                () -> CommandLineRun.of(words.split(" ")), command -> new Thread(command, "sink").start());
        awaitBound("127.0.0.1", port);
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            socket.setSoTimeout(10_000);
            for (int i = 0; i < count; i++) {
                socket.send(new DatagramPacket(new byte[] {(byte) i}, 1, InetAddress.getLoopbackAddress(), port));
                DatagramPacket answer = new DatagramPacket(new byte[100], 100);
                socket.receive(answer);
                assertEquals(1, answer.getLength());
                assertEquals(i, answer.getData()[0]);
            }
        }
        sink = receive(receiving);
        assertEquals(count, sink.path("sentBack").asInt(), sink::toString);
        assertEquals(0, sink.path("sendsRefused").asInt(), sink::toString);
    }

    @Test
    void replacesFlows() throws Exception {
        JsonNode sent = run(
                "127.0.0.1", "198.19.0.9", 4000, "--count", "4000", "--rate", "20k", "--flows", "4", "--churn", "200");
        assertAllCame(4000);
        assertTrue(sent.path("flowsReplaced").asInt() > 0);
        assertTrue(sink.path("flows").asInt() > 4, sink::toString);
    }

    @Test
    void malformedDatagramsAreNotTakenForGoodOnes() throws Exception {
        int good = 2000;
        JsonNode sent = run(
                "127.0.0.1",
                "198.19.0.9",
                good,
                "--count",
                Integer.toString(2 * good + 1000),
                "--rate",
                "50k",
                "--malformed",
                "50");
        long malformed = 0;
        for (JsonNode kind : sent.path("malformed")) malformed += kind.asLong();
        assertTrue(malformed > good / 2);
        assertTrue(sink.path("packets").asInt() >= good);
        assertEquals(0, sink.path("lost").asInt());
        assertTrue(sink.path("foreign").asLong() > 0);
    }

    @Test
    void measuresLatencyFromWhenADatagramWasDue() throws Exception {
        run("127.0.0.1", "198.19.0.9", 100, "--count", "100", "--rate", "1k");
        assertAllCame(100);
        assertEquals(100, sink.at("/latencyMicros/count").asInt());
        assertTrue(sink.at("/latencyMicros/min").asDouble() >= 0);
        assertEquals(0, sink.at("/latencyMicros/impossible").asInt());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gen --to 127.0.0.1 --vni 16777216 --inner-dst MAC/198.19.0.2:5000 --inner-src MAC/198.19.0.1:6000",
                "gen --to 127.0.0.1 --vni 42 --inner-dst MAC/[fd19::2]:5000 --inner-src MAC/198.19.0.1:6000",
                "gen --to 127.0.0.1 --vni 42 --inner-dst 198.19.0.2:5000 --inner-src MAC/198.19.0.1:6000",
                "gen --to 127.0.0.1 --vni 42 --inner-dst MAC/198.19.0.2:5000 --inner-src MAC/198.19.0.1:6000 --size 17",
                "gen --to host --vni 42 --inner-dst MAC/198.19.0.2:5000 --inner-src MAC/198.19.0.1:6000",
                "sink --listen 127.0.0.1:5000 --vni 42",
                "sink --listen 127.0.0.1:5000 --flows 100",
                "sink --listen 127.0.0.1:5000 --vxlan --echo",
                "sink"
            })
    void refusesWhatItCannotDo(String words) {
        CommandLineRun run =
                CommandLineRun.of(words.replace("MAC", "02:00:00:00:00:01").split(" "));
        assertEquals(Exit.USAGE, run.exit(), run.err());
    }
}
