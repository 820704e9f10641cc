package dev.peregrine.bench.wire.row;

import dev.peregrine.bench.experiment.Metric;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Round-trip times and their percentiles. */
public final class Latency {
    /** The metrics' names, in microseconds: the median and two percentiles. */
    public static final String P50 = "p50Micros";

    public static final String P99 = "p99Micros";
    public static final String P999 = "p999Micros";

    /** Of round trips, as rows compare it. */
    public static final Metric MEDIAN = new Metric(P50, "Round trip, p50", "µs", true);

    private static final long MAX_NANOS = 60_000_000_000L;
    private static final int DIGITS = 3;
    private static final double NANOS_PER_MICRO = 1e3;

    private final Histogram histogram = new Histogram(MAX_NANOS, DIGITS);

    void record(long nanos) {
        histogram.recordValue(Math.clamp(nanos, 0, MAX_NANOS));
    }

    long count() {
        return histogram.getTotalCount();
    }

    /**
     * The percentiles, and how many of {@code expected} round trips are not among them.
     *
     * @throws IOException if nothing was recorded
     */
    Map<String, Double> metrics(int expected) throws IOException {
        if (count() == 0) {
            throw new IOException("no answer came back");
        }
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put(P50, micros(50));
        metrics.put(P99, micros(99));
        metrics.put(P999, micros(99.9));
        metrics.put("lost", (double) (expected - count()));
        return metrics;
    }

    private double micros(double percentile) {
        return histogram.getValueAtPercentile(percentile) / NANOS_PER_MICRO;
    }
}
