package dev.peregrine.bench.falcon;

import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Experiment;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.falcon.model.LinkCost;
import dev.peregrine.bench.falcon.model.Passage;
import dev.peregrine.bench.report.Check;
import dev.peregrine.dataplane.packet.PacketPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The cost of a hand-off, over the gateway's link and over two queues of JCTools. */
public final class HandOffs extends Experiment {
    private static final String LINK = "link";
    private static final String QUEUES = "JCTools queue";
    private static final List<String> FULL = List.of("batches of 32", "batches of 64");
    private static final double BOUND_NANOS = 10;

    /** Between two workers. */
    public HandOffs() {
        super(
                "handoff",
                "the cost of handing a packet to another worker, by the size of batches",
                "falcon",
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
            cases.add(hand(plan, size, LINK, Passage.OverLink::new));
            cases.add(hand(plan, size, QUEUES, Passage.OverQueues::new));
        }
        return cases;
    }

    private static Case hand(Plan plan, int size, String series, Function<PacketPool, Passage> passage) {
        return new Case("batches of " + size, series, seconds -> {
            LinkCost.Cost cost =
                    LinkCost.measure(passage, plan.cpus().get(0), plan.cpus().get(1), size, seconds);
            return Map.of("sum", cost.sumNanos(), "give", cost.giveNanos(), "take", cost.takeNanos());
        });
    }

    @Override
    public List<Check> checks(Results results) {
        List<Check> checks = new ArrayList<>();
        for (String point : FULL) {
            results.median(point, LINK, "sum")
                    .ifPresent(nanos ->
                            checks.add(Check.atMost(point + ": giving and taking side", nanos, "ns", BOUND_NANOS)));
        }
        return checks;
    }

    /** The claim of the gateway's own ring against the queues that can be had. */
    @Override
    public List<String> notes(Results results) {
        List<String> notes = new ArrayList<>();
        for (String point : FULL) {
            results.ratio("sum", point, QUEUES, LINK)
                    .ifPresent(ratio -> notes.add(QUEUES + " / " + LINK + ", " + point + ": " + ratio.text() + " ×."));
        }
        return notes;
    }
}
