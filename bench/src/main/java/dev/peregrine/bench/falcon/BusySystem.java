package dev.peregrine.bench.falcon;

import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.falcon.model.Mode;
import dev.peregrine.bench.report.Check;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** E5: figure 14 of the paper. */
public final class BusySystem extends ManyFlows {
    /** Of a worker, so that six flows leave room on two workers and twenty do not. */
    private static final double SHARE = 0.2;

    private static final double NOT_BELOW = 0.97;

    /** More and more flows than all workers can carry. */
    public BusySystem() {
        super("E5", "a busy system: pipelining must not cost what there is not (Falcon, figure 14)");
    }

    @Override
    public List<Case> cases(Plan plan) throws InterruptedException {
        Map<String, UnaryOperator<Setup>> ways = new LinkedHashMap<>();
        for (Mode mode : List.of(Mode.QUEUED, Mode.RUN_TO_COMPLETION, Mode.TWO_CHOICES, Mode.ALWAYS_ON)) {
            ways.put(mode.title(), mode::applyTo);
        }
        return cases(plan, plan.quick() ? List.of(6, 40) : List.of(6, 10, 20, 40), SHARE, ways);
    }

    @Override
    public List<Check> checks(Results results) {
        List<Check> checks = new ArrayList<>();
        for (String point : List.of(point(20), point(40))) {
            results.ratio("kpps", point, Mode.TWO_CHOICES.title(), Mode.QUEUED.title())
                    .ifPresent(ratio -> checks.add(Check.atLeast(
                            point + ": " + Mode.TWO_CHOICES.title() + " / queued, 95% lower bound",
                            ratio.low(),
                            "×",
                            NOT_BELOW)));
            results.ratio("kpps", point, Mode.ALWAYS_ON.title(), Mode.TWO_CHOICES.title())
                    .ifPresent(ratio -> checks.add(Check.atMost(
                            point + ": " + Mode.ALWAYS_ON.title() + " / " + Mode.TWO_CHOICES.title(),
                            ratio.median(),
                            "×",
                            1)));
        }
        return checks;
    }
}
