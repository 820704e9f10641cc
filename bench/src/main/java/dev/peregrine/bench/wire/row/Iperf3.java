package dev.peregrine.bench.wire.row;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.bench.wire.lab.Command;
import dev.peregrine.bench.wire.lab.Daemon;
import dev.peregrine.bench.wire.lab.Ends;
import dev.peregrine.bench.wire.lab.Lab;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Traffic of iperf3; the client is on the side whose overlay is always the kernel's. */
final class Iperf3 {
    private static final double START_SECONDS = 5;
    private static final double GRACE_SECONDS = 15;
    private static final ObjectMapper JSON = new ObjectMapper();

    private Iperf3() {}

    /**
     * Runs a server and a client to their ends.
     *
     * @param seconds of traffic, rounded to whole ones
     * @param reverse whether the server sends
     * @param options further ones of the client
     * @return what the client reports, the object {@code end} of its JSON
     * @throws IOException if it reports an error
     */
    static JsonNode run(Ends ends, double seconds, boolean reverse, List<String> options) throws IOException {
        Lab lab = ends.lab();
        try (Daemon server = Daemon.start(
                lab.work(), "iperf3", lab.on(ends.server(), "iperf3", "--server", "--one-off", "--forceflush"))) {
            server.await(START_SECONDS, log -> log.contains("listening"));
            return end(Command.run(lab.work(), seconds + GRACE_SECONDS, client(ends, seconds, reverse, options)));
        }
    }

    private static List<String> client(Ends ends, double seconds, boolean reverse, List<String> options) {
        List<String> words = new ArrayList<>(ends.lab().on(ends.client(), "iperf3", "--client", ends.serverAddress()));
        words.addAll(List.of("--json", "--connect-timeout", "3000"));
        words.addAll(List.of("--time", Long.toString(Math.max(1, Math.round(seconds)))));
        if (reverse) {
            words.add("--reverse");
        }
        words.addAll(options);
        return words;
    }

    /** The object {@code end} of a client's report. */
    static JsonNode end(String report) throws IOException {
        JsonNode root = JSON.readTree(report);
        if (root.has("error")) {
            throw new IOException("iperf3: " + root.path("error").asText());
        }
        JsonNode end = root.path("end");
        if (end.path("sum_received").path("bytes").asLong() == 0) {
            throw new IOException("iperf3: nothing arrived");
        }
        return end;
    }
}
