package dev.peregrine.bench.econ;

import dev.peregrine.bench.chain.Chain;
import dev.peregrine.bench.chain.Devices;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Experiment;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.policy.Changes;
import dev.peregrine.bench.report.Check;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.dataplane.stage.Sink;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Rules and FDB entries that change under full load: how long packets follow old decisions. */
public final class ChangesUnderLoad extends Experiment {
    private static final int FLOWS = 1000;
    private static final double TIME_TO_LIVE_SECONDS = 0.05;
    private static final String EPOCHS = "epochs";
    private static final String TIME_TO_LIVE = "time to live, 50 ms";
    private static final String NEVER = "never, as ECON";
    private static final String STALE = "stale";
    private static final String STALE_SHARE = "share";
    private static final String AGE = "age";
    private static final String ACK_P50 = "ack-p50";
    private static final String ACK_P99 = "ack-p99";
    private static final String RATE = "rate";
    private static final String MPPS = "mpps";

    private record Point(String name, int perSecond, Function<Devices, Closure> closure) {}

    private static final List<Point> POINTS = List.of(
            new Point("1,000 rule changes/s", 1000, Closure::byRule),
            new Point("1,000 FDB changes/s", 1000, Closure::byMove),
            new Point("10 rule changes/s", 10, Closure::byRule),
            new Point("10 FDB changes/s", 10, Closure::byMove));

    /** Flow caches that learn of changes, and two ablations that do not. */
    public ChangesUnderLoad() {
        super(
                "E12",
                "changes of rules and FDB under full load: packets that follow an old decision",
                "econ",
                new Metric(STALE, "Stale packets after the acknowledgement, per second", "1/s"),
                new Metric(STALE_SHARE, "Closures after whose acknowledgement packets still came", "%"),
                new Metric(AGE, "Age of the oldest packet that followed the old decision", "µs"),
                new Metric(ACK_P99, "Change to acknowledgement, 99th percentile", "µs"),
                new Metric(ACK_P50, "Change to acknowledgement, median", "µs"),
                new Metric(RATE, "Changes acknowledged", "1/s"),
                new Metric(MPPS, "Delivered meanwhile", "Mpps"));
    }

    @Override
    public List<Case> cases(Plan plan) {
        int cpu = plan.cpus().getLast();
        List<Case> cases = new ArrayList<>();
        for (Point point : POINTS) {
            cases.add(new Case(point.name, EPOCHS, seconds -> measure(cpu, point, new Devices(1), 0, seconds)));
            cases.add(new Case(
                    point.name,
                    TIME_TO_LIVE,
                    seconds -> measure(cpu, point, new Devices(1).unannounced(), TIME_TO_LIVE_SECONDS, seconds)));
            cases.add(new Case(
                    point.name, NEVER, seconds -> measure(cpu, point, new Devices(1).unannounced(), 0, seconds)));
        }
        return cases;
    }

    private static Map<String, Double> measure(
            int cpu, Point point, Devices devices, double timeToLiveSeconds, double seconds)
            throws InterruptedException {
        Arrivals arrivals = new Arrivals(point.closure.apply(devices));
        Setup setup = new Setup(cpu, Traffic.of(FLOWS, Paths.SMALL))
                .devices(devices)
                .prepared()
                .flowCache(Paths.CAPACITY)
                .instruments(new Instruments() {
                    @Override
                    public Sink sink(String name, Sink sink) {
                        return name.startsWith("endpoint:") ? arrivals.before(sink) : sink;
                    }
                });
        try (Chain chain = new Chain(setup)) {
            chain.measure(seconds / 2);
            Changes changes = new Changes(arrivals, chain.workers(), point.perSecond);
            Expiry expiry = new Expiry(devices.epoch(), timeToLiveSeconds);
            Chain.Interval interval;
            try {
                interval = chain.next(seconds);
            } finally {
                changes.end();
                expiry.end();
            }
            Map<String, Double> metrics = new LinkedHashMap<>();
            metrics.put(STALE, arrivals.stale() / seconds);
            metrics.put(STALE_SHARE, arrivals.staleShare());
            metrics.put(AGE, arrivals.oldestNanos() / 1e3);
            metrics.put(ACK_P99, changes.acknowledgements().getValueAtPercentile(99) / 1e3);
            metrics.put(ACK_P50, changes.acknowledgements().getValueAtPercentile(50) / 1e3);
            metrics.put(RATE, changes.acknowledgements().getTotalCount() / seconds);
            metrics.put(MPPS, interval.mpps());
            return metrics;
        }
    }

    @Override
    public List<Check> checks(Results results) {
        List<Check> checks = new ArrayList<>();
        for (Point point : POINTS) {
            results.values(point.name, EPOCHS, STALE).stream()
                    .max(Double::compare)
                    .ifPresent(most ->
                            checks.add(Check.atMost(point.name + ": stale packets, any round", most, "1/s", 0)));
        }
        for (Point point : POINTS.subList(0, 2)) {
            results.median(point.name, EPOCHS, ACK_P99)
                    .ifPresent(p99 -> checks.add(
                            Check.atMost(point.name + ": acknowledgement, 99th percentile", p99, "µs", 1000)));
        }
        results.median(POINTS.getFirst().name, NEVER, STALE)
                .ifPresent(
                        stale -> checks.add(Check.atLeast("without epochs there are stale packets", stale, "1/s", 1)));
        return checks;
    }
}
