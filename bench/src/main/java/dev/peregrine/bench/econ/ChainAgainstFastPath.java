package dev.peregrine.bench.econ;

import dev.peregrine.bench.chain.FlowOrder;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Experiment;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.report.Check;
import java.util.ArrayList;
import java.util.List;

/** The saving of the fast path: the full chain against it, one worker. */
public final class ChainAgainstFastPath extends Experiment {
    private static final List<Integer> FLOWS = List.of(1, 100, 10_000);

    /** A rate that the full chain carries for one flow, but not with much to spare: there a queue begins to grow. */
    private static final int RATE = 5_000_000;

    private static final String AT_RATE = "1 flow at 5 Mpps";
    private static final double ONE_FLOW_MPPS = 25;
    private static final double MANY_FLOWS_MPPS = 12;

    /** Both paths, by the number of flows. */
    public ChainAgainstFastPath() {
        super(
                "E9",
                "the saving of the fast path: the full chain against it, one worker",
                "econ",
                Paths.metrics(
                        new Metric(Paths.MEAN, "Mean latency", "µs"),
                        new Metric(Paths.P99, "Latency, 99th percentile", "µs")));
    }

    @Override
    public boolean isForked() {
        return true;
    }

    private static String point(int flows) {
        return flows + (flows == 1 ? " flow" : " flows");
    }

    @Override
    public List<Case> cases(Plan plan) {
        int cpu = plan.cpus().getLast();
        List<Case> cases = new ArrayList<>();
        for (int flows : FLOWS) {
            cases.addAll(Paths.both(point(flows), cpu, Traffic.of(flows, Paths.SMALL), FlowOrder::inTurn));
        }
        cases.addAll(Paths.bothAtRate(AT_RATE, cpu, Traffic.of(1, Paths.SMALL), RATE));
        return cases;
    }

    @Override
    public List<Check> checks(Results results) {
        List<Check> checks = new ArrayList<>();
        for (int flows : FLOWS) {
            String point = point(flows);
            results.ratio(Paths.THROUGHPUT, point, Paths.FAST, Paths.CHAIN)
                    .ifPresent(ratio -> checks.add(new Check(
                            point + ": throughput, fast path / full chain", ratio.median(), "x", true, 2.21, 4)));
            results.ratio(Paths.COST, point, Paths.FAST, Paths.CHAIN)
                    .ifPresent(ratio -> checks.add(
                            Check.atMost(point + ": CPU, fast path / full chain", ratio.median(), "x", 0.57)));
        }
        mpps(results, 1, ONE_FLOW_MPPS, checks);
        mpps(results, 10_000, MANY_FLOWS_MPPS, checks);
        results.ratio(Paths.MEAN, AT_RATE, Paths.FAST, Paths.CHAIN)
                .ifPresent(ratio -> checks.add(
                        Check.atMost(AT_RATE + ": mean latency, fast path / full chain", ratio.median(), "x", 0.39)));
        return checks;
    }

    private static void mpps(Results results, int flows, double least, List<Check> checks) {
        results.median(point(flows), Paths.FAST, Paths.THROUGHPUT)
                .ifPresent(
                        mpps -> checks.add(Check.atLeast(point(flows) + ": fast path, one core", mpps, "Mpps", least)));
    }
}
