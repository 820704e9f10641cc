package dev.peregrine.bench.falcon;

import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.falcon.model.Mode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** E4: figure 13 of the paper. */
public final class FlowCounts extends ManyFlows {
    /** Of a worker: the sender of a flow is the bottleneck as long as there are few. */
    private static final double SHARE = 0.5;

    /** Few flows and many. */
    public FlowCounts() {
        super("E4", "throughput by the number of flows (Falcon, figure 13)");
    }

    @Override
    public List<Case> cases(Plan plan) throws InterruptedException {
        Map<String, UnaryOperator<Setup>> ways = new LinkedHashMap<>();
        for (Mode mode : List.of(Mode.HOST, Mode.QUEUED, Mode.RUN_TO_COMPLETION, Mode.PIPELINED, Mode.TWO_CHOICES)) {
            ways.put(mode.title(), mode::applyTo);
        }
        return cases(plan, plan.quick() ? List.of(1, 10) : List.of(1, 2, 5, 10, 20), SHARE, ways);
    }
}
