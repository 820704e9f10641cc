package dev.peregrine.bench.falcon;

import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.falcon.model.Mode;
import dev.peregrine.bench.report.Check;
import dev.peregrine.dataplane.schedule.Schedule.Balance;
import dev.peregrine.dataplane.schedule.Schedule.Pipelined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** E6: figure 15 of the paper. */
public final class Thresholds extends ManyFlows {
    private static final double SHARE = 0.2;
    private static final double NOT_BELOW = 0.97;
    private static final String ALWAYS = "always";

    /** Where to give up. */
    public Thresholds() {
        super("E6", "the load threshold from which on pipelining pauses (Falcon, figure 15)");
    }

    @Override
    public List<Case> cases(Plan plan) throws InterruptedException {
        Map<String, UnaryOperator<Setup>> ways = new LinkedHashMap<>();
        ways.put(Mode.QUEUED.title(), Mode.QUEUED::applyTo);
        for (int threshold : List.of(70, 80, 90, Mode.NEVER_BUSY)) {
            ways.put(
                    threshold == Mode.NEVER_BUSY ? ALWAYS : threshold + "%",
                    setup -> setup.schedule(Mode.falcon(Balance.TWO_CHOICES, threshold, Pipelined.DEFAULT_DEVICE_IDS)));
        }
        return cases(plan, plan.quick() ? List.of(6, 40) : List.of(6, 10, 20, 40), SHARE, ways);
    }

    @Override
    public List<Check> checks(Results results) {
        List<Check> checks = new ArrayList<>();
        String point = point(40);
        results.ratio("kpps", point, "80%", Mode.QUEUED.title())
                .ifPresent(ratio -> checks.add(
                        Check.atLeast(point + ": 80% / queued, 95% lower bound", ratio.low(), "×", NOT_BELOW)));
        results.ratio("kpps", point, ALWAYS, "80%")
                .ifPresent(ratio -> checks.add(Check.atMost(point + ": always / 80%", ratio.median(), "×", 1)));
        return checks;
    }
}
