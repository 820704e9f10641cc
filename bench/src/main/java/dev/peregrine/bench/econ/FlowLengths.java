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

/** The flow length from which on caching pays: 1 to 1024 packets. */
public final class FlowLengths extends Experiment {
    /** Flows that end after a number of packets, and others in their place. */
    public FlowLengths() {
        super("E10", "the flow length from which on caching pays: 1 to 1024 packets", "econ", Paths.metrics());
    }

    @Override
    public boolean isForked() {
        return true;
    }

    private static final List<Integer> LENGTHS = List.of(1, 2, 3, 4, 8, 16, 64, 256, 1024);
    private static final int ALIVE = 64;
    private static final int FLOWS = 1 << 20;

    private static String point(int packets) {
        return packets + (packets == 1 ? " packet" : " packets");
    }

    @Override
    public List<Case> cases(Plan plan) {
        List<Case> cases = new ArrayList<>();
        for (int length : LENGTHS) {
            cases.addAll(Paths.both(
                    point(length), plan.cpus().getLast(), Traffic.of(FLOWS, Paths.SMALL), own -> generations(length)));
        }
        return cases;
    }

    private static FlowOrder generations(int length) {
        return new FlowOrder() {
            private int first;
            private int flow = -1;
            private int sent;

            @Override
            public int next() {
                if (++flow == ALIVE) {
                    flow = 0;
                    if (++sent == length) {
                        sent = 0;
                        first = (first + ALIVE) % FLOWS;
                    }
                }
                return first + flow;
            }
        };
    }

    @Override
    public List<Check> checks(Results results) {
        List<Check> checks = new ArrayList<>();
        for (int length : List.of(3, 1024)) {
            results.ratio(Paths.COST, point(length), Paths.FAST, Paths.CHAIN)
                    .ifPresent(ratio -> checks.add(
                            Check.atMost(point(length) + ": cost, fast path / full chain", ratio.median(), "x", 1)));
        }
        return checks;
    }
}
