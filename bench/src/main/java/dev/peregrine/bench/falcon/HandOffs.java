package dev.peregrine.bench.falcon;

import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.report.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a hand-off costs. */
public final class HandOffs extends FalconExperiment {
    private static final String SERIES = "link";
    private static final double BOUND_NANOS = 10;

    /** A link between two workers. */
    public HandOffs() {
        super(
                "handoff",
                "what handing a packet to another worker costs, by the size of batches",
                "FALCON gives no cost of a hand-off. In the kernel it is an enqueue on a per-CPU backlog and, if that CPU sleeps,"
                        + " an interrupt between processors.",
                """
                Two threads on two CPUs; one gives batches of that size, the other takes what has come and releases it, which
                sends it home over the return link. Both run all the time, so no wake-up is in it. Taking the buffers that came
                home is the giver's, and is not in it, as it would take buffers from its pool anyway. The packet's bytes are
                not touched: what fetching them from the other core's cache costs shows in the stage that does.""",
                new Metric("sum", "Giving and taking side together", "ns"),
                new Metric("give", "Giving side", "ns"),
                new Metric("take", "Taking side", "ns"));
    }

    @Override
    public List<Case> cases(Plan plan) {
        List<Case> cases = new ArrayList<>();
        if (plan.cpus().size() < 2) {
            return cases;
        }
        for (int size : List.of(1, 8, 32, 64)) {
            cases.add(new Case("batches of " + size, SERIES, seconds -> {
                LinkCost.Cost cost =
                        LinkCost.measure(plan.cpus().get(0), plan.cpus().get(1), size, seconds);
                return Map.of("sum", cost.sumNanos(), "give", cost.giveNanos(), "take", cost.takeNanos());
            }));
        }
        return cases;
    }

    @Override
    public List<Check> checks(Results results) {
        List<Check> checks = new ArrayList<>();
        for (String point : List.of("batches of 32", "batches of 64")) {
            results.median(point, SERIES, "sum")
                    .ifPresent(nanos ->
                            checks.add(Check.atMost(point + ": giving and taking side", nanos, "ns", BOUND_NANOS)));
        }
        return checks;
    }
}
