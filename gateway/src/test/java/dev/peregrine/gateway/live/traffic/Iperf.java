package dev.peregrine.gateway.live.traffic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.gateway.live.lab.BackgroundProcess;
import dev.peregrine.gateway.live.lab.Command;
import dev.peregrine.gateway.live.lab.Namespace;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One flow of iperf3 between two namespaces. */
public final class Iperf {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PORT = "5201";

    private final Namespace client;
    private final Namespace server;
    private final String address;
    private final int seconds;

    /** The client connects to the server's {@code address}; each run takes {@code seconds}. */
    public Iperf(Namespace client, Namespace server, String address, int seconds) {
        this.client = client;
        this.server = server;
        this.address = address;
        this.seconds = seconds;
    }

    /** Bit/s of payload that arrived; from the server to the client when {@code reverse}. */
    public double tcp(boolean reverse) {
        return run(reverse, List.of()).at("/end/sum_received/bits_per_second").asDouble();
    }

    /**
     * Sends {@code packetsPerSecond} datagrams/s of {@code payload} bytes. iperf3's own account: loss at the tail it
     * cannot see.
     */
    public Udp udp(boolean reverse, int packetsPerSecond, int payload) {
        JsonNode sum = run(reverse, udpOptions(packetsPerSecond, payload)).at("/end/sum");
        return new Udp(
                sum.path("packets").asLong(),
                sum.path("lost_packets").asLong(),
                sum.path("seconds").asDouble());
    }

    public record Udp(long packets, long lost, double seconds) {
        public double packetsPerSecond() {
            return packets / seconds;
        }

        public double lostPercent() {
            return 100.0 * lost / packets;
        }
    }

    /** Begins to send {@code packetsPerSecond} datagrams/s of {@code payload} bytes. */
    public Load startUdp(int packetsPerSecond, int payload) {
        BackgroundProcess listening = serve();
        awaitListening(listening);
        return new Load(listening, BackgroundProcess.start(client.words(words(udpOptions(packetsPerSecond, payload)))));
    }

    /** A flow that goes on until it is closed or its time is over. */
    public record Load(BackgroundProcess server, BackgroundProcess client) implements AutoCloseable {
        public boolean isAlive() {
            return client.isAlive();
        }

        @Override
        public void close() {
            client.close();
            server.close();
        }
    }

    private BackgroundProcess serve() {
        return BackgroundProcess.start(server.words("iperf3", "-s", "-1", "-p", PORT, "--forceflush"));
    }

    private static void awaitListening(BackgroundProcess server) {
        server.awaitLine(Duration.ofSeconds(5), "iperf3 server", line -> line.startsWith("Server listening"));
    }

    private static List<String> udpOptions(int packetsPerSecond, int payload) {
        String bitsPerSecond = Long.toString(8L * packetsPerSecond * payload);
        return List.of("--udp", "--bandwidth", bitsPerSecond, "--length", "" + payload);
    }

    private List<String> words(List<String> options) {
        List<String> words = new ArrayList<>(
                List.of("iperf3", "-J", "-c", address, "-p", PORT, "-t", "" + seconds, "--connect-timeout", "3000"));
        words.addAll(options);
        return words;
    }

    private JsonNode run(boolean reverse, List<String> options) {
        List<String> words = words(options);
        if (reverse) words.add("-R");
        try (var listening = serve()) {
            awaitListening(listening);
            Command.Result result = Command.run(Duration.ofSeconds(seconds + 15L), client.words(words));
            return parse(result.orFail());
        }
    }

    private static JsonNode parse(Command.Result result) {
        try {
            JsonNode json = JSON.readTree(result.output());
            if (json.has("error")) throw new AssertionError(result);
            return json;
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(result.toString(), e);
        }
    }
}
