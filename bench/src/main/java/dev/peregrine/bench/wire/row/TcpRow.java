package dev.peregrine.bench.wire.row;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.wire.lab.Ends;
import dev.peregrine.bench.wire.lab.Placement;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * TCP between the containers, by iperf3.
 *
 * @param reverse whether the container on host B sends
 */
record TcpRow(int streams, boolean reverse) implements Row.Traffic {
    private static final Metric THROUGHPUT = new Metric("gbps", "Throughput", "Gbit/s");
    private static final int RAMP_SECONDS = 1;

    /** The line of the result. */
    Row row() {
        return new Row(
                "tcp/%d/%s".formatted(streams, reverse ? "reverse" : "forward"),
                "TCP %d stream%s, %s the container"
                        .formatted(streams, streams == 1 ? "" : "s", reverse ? "out of" : "into"),
                THROUGHPUT,
                Optional.of(Row.CPU_PER_GIGABYTE),
                Row.EVERY_MODE,
                contender -> switch (contender) {
                    case KERNEL_STEERED, PEREGRINE_SPIN, PEREGRINE_RULES, PEREGRINE_RULES_CHAIN -> false;
                    default -> streams == 1 || !contender.lacksOffload();
                },
                RAMP_SECONDS + 0.5,
                this);
    }

    @Override
    public Map<String, Double> measure(Ends ends, Placement placement, double seconds) throws IOException {
        List<String> options =
                List.of("--parallel", Integer.toString(streams), "--omit", Integer.toString(RAMP_SECONDS));
        Iperf3.Outcome outcome = Iperf3.run(ends, seconds, reverse, options);
        Map<String, Double> metrics = metrics(outcome.end());
        metrics.put(Row.CPU_PER_GIGABYTE.name(), outcome.busyNanos() / outcome.bytes());
        return metrics;
    }

    private static Map<String, Double> metrics(JsonNode end) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put(
                THROUGHPUT.name(),
                end.path("sum_received").path("bits_per_second").asDouble() / 1e9);
        metrics.put("retransmits", end.path("sum_sent").path("retransmits").asDouble(0));
        return metrics;
    }
}
