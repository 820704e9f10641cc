package dev.peregrine.bench.wire.row;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.bench.machine.CpuTime;
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
     * How a run came out.
     *
     * @param end the object of that name in the client's report
     * @param bytes that it saw, the time included that it leaves out of its sums ({@code --omit})
     * @param busyNanos CPU time of the machine meanwhile, both programs included
     */
    record Outcome(JsonNode end, double bytes, double busyNanos) {}

    /**
     * Runs a server and a client to their ends.
     *
     * @param seconds of traffic, rounded to whole ones
     * @param reverse whether the server sends
     * @param options further ones of the client
     * @throws IOException if it reports an error
     */
    static Outcome run(Ends ends, double seconds, boolean reverse, List<String> options) throws IOException {
        Lab lab = ends.lab();
        try (Daemon server = Daemon.start(
                lab.work(), "iperf3", lab.on(ends.server(), "iperf3", "--server", "--one-off", "--forceflush"))) {
            server.await(START_SECONDS, log -> log.contains("listening"));
            List<String> client = client(ends, seconds, reverse, options);
            long before = CpuTime.busyNanos();
            String report = Command.run(lab.work(), seconds + GRACE_SECONDS, client);
            return outcome(report, (double) (CpuTime.busyNanos() - before));
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

    /** Reads a client's report. */
    static Outcome outcome(String report, double busyNanos) throws IOException {
        JsonNode root = JSON.readTree(report);
        if (root.has("error")) {
            throw new IOException("iperf3: " + root.path("error").asText());
        }
        JsonNode end = root.path("end");
        if (end.path("sum_received").path("bytes").asLong() == 0) {
            throw new IOException("iperf3: nothing arrived");
        }
        double bytes = 0;
        for (JsonNode interval : root.path("intervals")) {
            bytes += interval.path("sum").path("bytes").asDouble();
        }
        return new Outcome(end, Math.max(1, bytes), busyNanos);
    }
}
