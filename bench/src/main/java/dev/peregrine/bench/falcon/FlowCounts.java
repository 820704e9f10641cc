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
        super("E4", "throughput by the number of flows (Falcon, figure 13)", """
                FALCON (EuroSys'21), figure 13, UDP 16 B, Linux 5.4, million/s at 1/5/10/20 flows, read off the plot: Host
                .48/1.68/2.7/3.2, Con .25/.9/1.2/1.2, Falcon .25/1.05/1.8/1.87. Up to 63% over Con, nothing at one flow,
                which the sender bounds.""", """
                Each flow is sent at half of what one worker carries of the kernel's shares of E1, and all workers receive, as
                with a network card that hashes flows. The paper has cores for Falcon besides those that receive; here they
                are the same, so once every worker has flows of its own there is nothing left to borrow: Falcon's curve can
                rise above Con's only where flows hash unevenly.""");
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
