package dev.peregrine.bench.wire.row;

import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Ends;
import dev.peregrine.bench.wire.lab.Placement;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Round trips of {@code ping}, one every millisecond: the time of the path and of the kernels at its ends alone. */
record PingRow() implements Row.Traffic {
    private static final Pattern TIME = Pattern.compile("time=([0-9.]+) ms");
    private static final double INTERVAL_SECONDS = 0.001;

    /** The line of the result. */
    Row row() {
        return new Row(
                "ping",
                "ping, one a millisecond, p50",
                Latency.MEDIAN,
                Optional.empty(),
                Row.EVERY_MODE,
                contender -> contender != Contender.KERNEL_TUNED
                        && contender != Contender.KERNEL_STEERED
                        && !contender.lacksOffload()
                        && !contender.hasRules(),
                0.7,
                this);
    }

    @Override
    public Map<String, Double> measure(Ends ends, Placement placement, double seconds) throws IOException {
        Namespace client = ends.lab().on(ends.client());
        client.output("ping", "-n", "-q", "-c", "3", "-i", "0.2", "-W", "1", ends.pingAddress());
        int count = (int) (seconds / INTERVAL_SECONDS);
        String text = client.output(
                "ping",
                "-n",
                "-c",
                Integer.toString(count),
                "-i",
                Double.toString(INTERVAL_SECONDS),
                "-W",
                "1",
                ends.pingAddress());
        Latency latency = new Latency();
        TIME.matcher(text)
                .results()
                .forEach(time -> latency.record(Math.round(Double.parseDouble(time.group(1)) * 1e6)));
        return latency.metrics(count);
    }
}
