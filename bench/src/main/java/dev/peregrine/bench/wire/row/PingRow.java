package dev.peregrine.bench.wire.row;

import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Ends;
import dev.peregrine.bench.wire.lab.Lab;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.lab.Placement;
import java.io.IOException;
import java.util.Map;
import java.util.regex.Pattern;

/** Round trips of {@code ping}, one every millisecond: the time of the path and of the kernels at its ends alone. */
public record PingRow() implements Row {
    private static final Pattern TIME = Pattern.compile("time=([0-9.]+) ms");
    private static final double INTERVAL_SECONDS = 0.001;

    @Override
    public String id() {
        return "ping";
    }

    @Override
    public String title() {
        return "ping, one a millisecond, p50";
    }

    @Override
    public Metric metric() {
        return Latency.MEDIAN;
    }

    @Override
    public boolean isIn(Mode mode) {
        return true;
    }

    @Override
    public boolean suits(Contender contender) {
        return contender != Contender.KERNEL_TUNED
                && contender != Contender.KERNEL_STEERED
                && !contender.lacksOffload()
                && !contender.hasRules();
    }

    @Override
    public double overheadSeconds() {
        return 0.7;
    }

    @Override
    public Map<String, Double> measure(Ends ends, Placement placement, double seconds) throws IOException {
        Lab lab = ends.lab();
        lab.run(ends.client(), "ping", "-n", "-q", "-c", "3", "-i", "0.2", "-W", "1", ends.pingAddress());
        int count = (int) (seconds / INTERVAL_SECONDS);
        String text = lab.run(
                ends.client(),
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
