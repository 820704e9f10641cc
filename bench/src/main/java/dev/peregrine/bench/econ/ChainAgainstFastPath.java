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

/** What the fast path saves: the full chain against it, one worker. */
public final class ChainAgainstFastPath implements Experiment {
    @Override
    public String name() {
        return "E9";
    }

    @Override
    public String title() {
        return "what the fast path saves: the full chain against it, one worker";
    }

    @Override
    public String published() {
        return """
                ECON (README of its prototype, no known testbed): throughput +121%, mean latency -61%, CPU per packet -43%, in Linux.""";
    }

    @Override
    public String method() {
        return """
                A source in memory writes datagrams into buffers (it stands for the system call, and is part of the cost of both
                ways), the gateway's own chain carries them on one worker, a destination releases them. `stages` tells what
                the source costs.""";
    }

    @Override
    public List<Metric> metrics() {
        return Paths.metrics();
    }

    private static final List<Integer> FLOWS = List.of(1, 100, 10_000);

    private static String point(int flows) {
        return flows + (flows == 1 ? " flow" : " flows");
    }

    @Override
    public List<Case> cases(Plan plan) {
        List<Case> cases = new ArrayList<>();
        for (int flows : FLOWS) {
            cases.addAll(
                    Paths.both(point(flows), plan.cpus().getLast(), Traffic.of(flows, Paths.SMALL), FlowOrder::inTurn));
        }
        return cases;
    }

    @Override
    public List<Check> checks(Results results) {
        List<Check> checks = new ArrayList<>();
        for (int flows : FLOWS) {
            results.ratio(Paths.THROUGHPUT, point(flows), Paths.FAST, Paths.CHAIN)
                    .ifPresent(ratio -> checks.add(Check.atLeast(
                            point(flows) + ": throughput, fast path / full chain", ratio.median(), "x", 2.21)));
            results.ratio(Paths.COST, point(flows), Paths.FAST, Paths.CHAIN)
                    .ifPresent(ratio -> checks.add(
                            Check.atMost(point(flows) + ": CPU, fast path / full chain", ratio.median(), "x", 0.57)));
        }
        return checks;
    }
}
