package dev.peregrine.bench.econ;

import dev.peregrine.bench.chain.FlowOrder;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Experiment;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.report.Check;
import java.util.ArrayList;
import java.util.List;

/** How many flows the cache carries: 100 to 1,000,000. */
public final class ActiveFlows extends Experiment {
    /** Flows that send in turn, the hardest order for a cache. */
    public ActiveFlows() {
        super("E11", "how many flows the cache carries: 100 to 1,000,000", "econ", Paths.metrics());
    }

    @Override
    public boolean isForked() {
        return true;
    }

    private static final List<Integer> FLOWS = List.of(100, 1000, 10_000, 50_000, 65_536, 100_000, 200_000, 1_000_000);

    /** Room for the states of all flows, so that it is the cache which runs out of room. */
    private static final int STATES = 1 << 20;

    private static String point(int flows) {
        return flows + " flows";
    }

    @Override
    public List<Case> cases(Plan plan) {
        List<Case> cases = new ArrayList<>();
        for (int flows : FLOWS) {
            cases.addAll(Paths.both(
                    point(flows), plan.cpus().getLast(), Traffic.of(flows, Paths.SMALL), FlowOrder::inTurn, STATES));
        }
        return cases;
    }

    @Override
    public List<Check> checks(Results results) {
        List<Check> checks = new ArrayList<>();
        for (int flows : FLOWS) {
            results.ratio(Paths.THROUGHPUT, point(flows), Paths.FAST, Paths.CHAIN)
                    .ifPresent(ratio -> checks.add(Check.atLeast(
                            point(flows) + ": throughput, fast path / full chain", ratio.median(), "x", 0.9)));
        }
        return checks;
    }
}
