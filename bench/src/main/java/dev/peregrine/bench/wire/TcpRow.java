package dev.peregrine.bench.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * TCP between the containers, by iperf3; the client is on the side whose overlay is always the kernel's.
 *
 * @param reverse whether the server sends
 */
record TcpRow(int streams, boolean reverse) implements Row {
    private static final int RAMP_SECONDS = 1;
    private static final double START_SECONDS = 5;
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public String id() {
        return "tcp/%d/%s".formatted(streams, reverse ? "reverse" : "forward");
    }

    @Override
    public String title() {
        return "TCP %d stream%s, %s the container"
                .formatted(streams, streams == 1 ? "" : "s", reverse ? "out of" : "into");
    }

    @Override
    public String metric() {
        return "gbps";
    }

    @Override
    public String unit() {
        return "Gbit/s";
    }

    @Override
    public boolean lessIsBetter() {
        return false;
    }

    @Override
    public boolean isIn(Mode mode) {
        return true;
    }

    @Override
    public boolean suits(Contender contender) {
        return switch (contender) {
            case KERNEL_STEERED, PEREGRINE_SPIN, PEREGRINE_RULES, PEREGRINE_RULES_CHAIN -> false;
            default -> streams == 1 || !contender.lacksOffload();
        };
    }

    @Override
    public double overheadSeconds() {
        return RAMP_SECONDS + 0.5;
    }

    @Override
    public Map<String, Double> measure(Ends ends, Placement placement, double seconds) throws IOException {
        Lab lab = ends.lab();
        try (Daemon server = Daemon.start(
                lab.work(), "iperf3", lab.on(ends.server(), "iperf3", "--server", "--one-off", "--forceflush"))) {
            server.await(START_SECONDS, log -> log.contains("listening"));
            String text = Command.run(lab.work(), seconds + 15, client(ends, seconds));
            return metrics(JSON.readTree(text));
        }
    }

    private List<String> client(Ends ends, double seconds) {
        List<String> words = new ArrayList<>(ends.lab().on(ends.client(), "iperf3", "--client", ends.serverAddress()));
        words.addAll(List.of("--json", "--connect-timeout", "3000", "--parallel", Integer.toString(streams)));
        words.addAll(List.of(
                "--time", Long.toString(Math.max(1, Math.round(seconds))), "--omit", Integer.toString(RAMP_SECONDS)));
        if (reverse) {
            words.add("--reverse");
        }
        return words;
    }

    private static Map<String, Double> metrics(JsonNode report) throws IOException {
        JsonNode end = report.path("end");
        double bitsPerSecond = end.path("sum_received").path("bits_per_second").asDouble(0);
        if (bitsPerSecond == 0) {
            throw new IOException("iperf3: " + report.path("error").asText("nothing arrived"));
        }
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("gbps", bitsPerSecond / 1e9);
        metrics.put("retransmits", end.path("sum_sent").path("retransmits").asDouble(0));
        return metrics;
    }
}
