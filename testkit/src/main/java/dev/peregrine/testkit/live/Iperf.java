package dev.peregrine.testkit.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.LabError;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One flow of iperf3 between two namespaces. */
public final class Iperf {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PORT = "5201";
    private static final Duration GRACE = Duration.ofSeconds(15);
    private static final Duration START_LIMIT = Duration.ofSeconds(20);

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

    /** iperf3's account of a UDP run. */
    public record Udp(long packets, long lost, double seconds) {
        /** Packets sent in a second. */
        public double packetsPerSecond() {
            return packets / seconds;
        }

        /** Of those sent. */
        public double lostPercent() {
            return 100.0 * lost / packets;
        }
    }

    /** Begins to send {@code packetsPerSecond} datagrams/s of {@code payload} bytes. */
    public Load startUdp(int packetsPerSecond, int payload) {
        return new Load(listen(), BackgroundProcess.start(client.words(words(udpOptions(packetsPerSecond, payload)))));
    }

    /** A flow that goes on until it is closed or its time is over. */
    public record Load(BackgroundProcess server, BackgroundProcess client) implements AutoCloseable {
        /** Whether it is still sending. */
        public boolean isAlive() {
            return client.isAlive();
        }

        @Override
        public void close() {
            client.close();
            server.close();
        }
    }

    /** Starts a server that takes one client, and returns when it listens. */
    public BackgroundProcess listen() {
        BackgroundProcess listening =
                BackgroundProcess.start(server.words("iperf3", "-s", "-1", "-p", PORT, "--forceflush"));
        try {
            listening.awaitLine(START_LIMIT, "iperf3 server", line -> line.startsWith("Server listening"));
            return listening;
        } catch (LabError e) {
            listening.close();
            throw e;
        }
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
        try (BackgroundProcess _ = listen()) {
            return connect(reverse, options);
        }
    }

    /**
     * Runs a client to its end; a server {@link #listen listens}.
     *
     * @param reverse from the server to the client
     * @param options further ones of the client
     * @return its report
     */
    public JsonNode connect(boolean reverse, List<String> options) {
        List<String> words = words(options);
        if (reverse) words.add("-R");
        return report(Command.run(GRACE.plusSeconds(seconds), client.words(words)));
    }

    /** A client's report; throws {@link LabError} with iperf3's own reason where it failed. */
    public static JsonNode report(Command.Result result) {
        try {
            JsonNode report = JSON.readTree(result.output());
            if (report.has("error"))
                throw new LabError("iperf3: " + report.path("error").asText(), result.toString());
            result.orFail();
            return report;
        } catch (JsonProcessingException e) {
            throw new LabError("iperf3 reported no JSON", result.toString());
        }
    }
}
