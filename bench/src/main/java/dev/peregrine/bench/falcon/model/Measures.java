package dev.peregrine.bench.falcon.model;

import dev.peregrine.bench.chain.Chain;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.experiment.Plan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** How chains are measured. */
public final class Measures {
    /** Throughput in a user's messages, each of which may be several datagrams. */
    public static final Metric KPPS = new Metric("kpps", "Messages delivered", "thousand/s");

    /** In the paper six cores receive; more workers than that are not used here either. */
    private static final int MOST_WORKERS = 6;

    /** Percentiles of the time from when a packet was due until it arrived. */
    static final List<Metric> LATENCY = List.of(
            new Metric("p50", "Latency, p50", "µs"),
            new Metric("p90", "Latency, p90", "µs"),
            new Metric("p99", "Latency, p99", "µs"),
            new Metric("p999", "Latency, p99.9", "µs"),
            new Metric("p9999", "Latency, p99.99", "µs"));

    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99};
    private static final double PROBE_SECONDS = 0.5;
    private static final double WARM_UP_SECONDS = 1.5;

    private Measures() {}

    /** The CPUs of the workers. */
    public static List<Integer> cpus(Plan plan) {
        return plan.cpus().stream().limit(MOST_WORKERS).toList();
    }

    /** Runs a chain; {@code kpps} counts messages of {@code datagrams} datagrams. */
    public static Map<String, Double> throughput(Setup setup, int datagrams, double seconds)
            throws InterruptedException {
        try (Chain chain = new Chain(setup)) {
            return throughput(chain.measure(seconds), datagrams);
        }
    }

    /** The figures of an interval. */
    public static Map<String, Double> throughput(Chain.Interval interval, int datagrams) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("kpps", interval.delivered() / interval.seconds() / datagrams / 1e3);
        metrics.put("busy", interval.busyNanosPerPacket() * datagrams);
        metrics.put("cpu", interval.cpuNanosPerPacket() * datagrams);
        metrics.put("handOffs", interval.handOffs() / interval.seconds() / 1e3);
        metrics.put("wakeUps", interval.wakeUps() / interval.seconds() / 1e3);
        metrics.put("reordered", (double) interval.reordered());
        metrics.put(
                "lost",
                100.0 * (interval.lost() + interval.dropped()) / Math.max(1, interval.sent() + interval.lost()));
        return metrics;
    }

    /** Runs a chain whose pace has a limit, and adds the percentiles of {@link #LATENCY}. */
    public static Map<String, Double> latency(Setup setup, double seconds) throws InterruptedException {
        try (Chain chain = new Chain(setup.takingTimes())) {
            Map<String, Double> metrics = throughput(chain.measure(seconds), 1);
            Histogram histogram = chain.stop();
            for (int i = 0; histogram != null && i < PERCENTILES.length; i++) { // null if nothing arrived
                metrics.put(LATENCY.get(i).name(), histogram.getValueAtPercentile(PERCENTILES[i]) / 1e3);
            }
            return metrics;
        }
    }

    /** The approximate packets per second that a chain carries: the base of rates given as a share. */
    public static double packetsPerSecond(Setup setup) throws InterruptedException {
        try (Chain chain = new Chain(setup)) {
            chain.measure(WARM_UP_SECONDS); // code that is not compiled yet seems to carry less
            return chain.next(PROBE_SECONDS).delivered() / PROBE_SECONDS;
        }
    }

    /** {@link #LATENCY} behind other metrics. */
    public static Metric[] with(Metric... first) {
        List<Metric> all = new ArrayList<>(List.of(first));
        all.addAll(LATENCY);
        return all.toArray(Metric[]::new);
    }
}
