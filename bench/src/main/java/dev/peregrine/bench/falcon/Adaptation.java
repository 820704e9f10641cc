package dev.peregrine.bench.falcon;

import dev.peregrine.bench.chain.Chain;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.bench.chain.Weights;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Experiment;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.falcon.model.Measures;
import dev.peregrine.bench.falcon.model.Mode;
import dev.peregrine.bench.falcon.model.Placement;
import dev.peregrine.bench.falcon.model.Surge;
import dev.peregrine.bench.report.Check;
import dev.peregrine.dataplane.schedule.Schedule.Balance;
import dev.peregrine.dataplane.schedule.Schedule.Pipelined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** E7: figure 16 of the paper. */
public final class Adaptation extends Experiment {
    private static final String POINT = "one of 3 flows grows 10 ×";
    private static final String STATIC = "static";
    private static final String DYNAMIC = "two-choices";
    private static final String UNGUARDED = "two-choices, guard off";
    private static final int FLOWS = 3;
    private static final Traffic TRAFFIC = Traffic.of(FLOWS, 18);
    private static final Weights WEIGHTS = Weights.shares(1900, 36, 31, 20);
    private static final double CALM_SECONDS = 0.3;
    private static final double ONSET_SECONDS = 0.1;

    /** The share of one worker's capacity that all flows together need before one grows. */
    private static final double LOAD_BEFORE = 0.375;

    private static final double GAIN = 1.15;

    /** A flow that grows. */
    public Adaptation() {
        super(
                "E7",
                "one flow suddenly grows: static against two choices, with and without the guard (Falcon, figure 16)",
                "falcon",
                new Metric("kppsAfter", "Delivered from 0.1 s after it grew", "thousand/s"),
                new Metric("kppsOnset", "Delivered in the first 0.1 s", "thousand/s"),
                new Metric("kppsBefore", "Delivered before", "thousand/s"),
                new Metric("reordered", "Packets reordered", ""),
                new Metric("lost", "Lost from 0.1 s after it grew", "%"));
    }

    @Override
    public List<Case> cases(Plan plan) throws InterruptedException {
        List<Integer> cpus = Measures.cpus(plan);
        if (cpus.size() < 2) {
            return List.of();
        }
        double capacity = Measures.packetsPerSecond(Mode.RUN_TO_COMPLETION.applyTo(setup(cpus)));
        Map<String, Integer> ids = Placement.ids(
                TRAFFIC,
                0,
                cpus.size(),
                Map.of("vtep", 0, "bridge", 0, "port", 0),
                Map.of("vtep", 0, "bridge", 1, "port", 1));
        Map<String, Pipelined> ways = new LinkedHashMap<>();
        ways.put(STATIC, Mode.falcon(Balance.STATIC, Pipelined.DEFAULT_LOAD_THRESHOLD, ids));
        ways.put(DYNAMIC, Mode.falcon(Balance.TWO_CHOICES, Pipelined.DEFAULT_LOAD_THRESHOLD, ids));
        ways.put(
                UNGUARDED,
                Mode.falcon(Balance.TWO_CHOICES, Pipelined.DEFAULT_LOAD_THRESHOLD, ids)
                        .guarded(false));
        double rate = capacity * LOAD_BEFORE / FLOWS;
        List<Case> cases = new ArrayList<>();
        ways.forEach((series, schedule) ->
                cases.add(new Case(POINT, series, seconds -> measure(setup(cpus).schedule(schedule), rate, seconds))));
        return cases;
    }

    private static Setup setup(List<Integer> cpus) {
        return new Setup(cpus.getFirst(), TRAFFIC).cpus(cpus).instruments(WEIGHTS);
    }

    private static Map<String, Double> measure(Setup setup, double rate, double seconds) throws InterruptedException {
        long start = System.nanoTime();
        Surge surge = new Surge(FLOWS, rate, start, start + (long) (CALM_SECONDS * 1e9));
        setup.watchingOrder().pace(flows -> surge).order(flows -> surge.order());
        try (Chain chain = new Chain(setup)) {
            Map<String, Double> metrics = new LinkedHashMap<>();
            Chain.Interval before = chain.next((surge.surgeNanos() - System.nanoTime()) / 1e9);
            Chain.Interval onset = chain.next(ONSET_SECONDS);
            Chain.Interval after = chain.next(seconds);
            metrics.put("kppsAfter", Measures.throughput(after, 1).get("kpps"));
            metrics.put("kppsOnset", Measures.throughput(onset, 1).get("kpps"));
            metrics.put("kppsBefore", Measures.throughput(before, 1).get("kpps"));
            metrics.put("reordered", (double) (before.reordered() + onset.reordered() + after.reordered()));
            metrics.put("lost", Measures.throughput(after, 1).get("lost"));
            return metrics;
        }
    }

    @Override
    public List<Check> checks(Results results) {
        List<Check> checks = new ArrayList<>();
        results.ratio("kppsAfter", POINT, DYNAMIC, STATIC)
                .ifPresent(ratio ->
                        checks.add(Check.atLeast("delivered: two-choices / static", ratio.median(), "×", GAIN)));
        results.summary(POINT, DYNAMIC, "reordered")
                .ifPresent(most ->
                        checks.add(Check.atMost("reordered, two-choices, most in a round", most.max(), "packets", 0)));
        results.summary(POINT, UNGUARDED, "reordered")
                .ifPresent(most ->
                        checks.add(Check.atLeast("reordered, guard off, most in a round", most.max(), "packets", 1)));
        return checks;
    }
}
