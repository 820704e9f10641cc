package dev.peregrine.bench.falcon;

import dev.peregrine.bench.chain.Chain;
import dev.peregrine.bench.chain.Pace;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.bench.chain.Weights;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Experiment;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.falcon.model.Measures;
import dev.peregrine.bench.falcon.model.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Flows at a fixed rate each, received by all workers as a network card spreads them: E4, E5 and E6. */
abstract class ManyFlows extends Experiment {
    static final Metric BUSY = new Metric("busyPercent", "Busy time, mean of all workers", "%");
    static final Metric LOST = new Metric("lost", "Lost", "%");
    static final Metric HAND_OFFS = new Metric("handOffs", "Packets handed over", "thousand/s");

    private static final Weights WEIGHTS = Weights.shares(1900, 36, 31, 20);
    private static final int PAYLOAD = 18;

    ManyFlows(String name, String title) {
        super(name, title, "falcon", Measures.KPPS, BUSY, LOST, HAND_OFFS);
    }

    /**
     * A case for each number of flows and each schedule.
     *
     * @param share of what one worker carries that each flow is
     */
    static List<Case> cases(Plan plan, List<Integer> flowCounts, double share, Map<String, UnaryOperator<Setup>> ways)
            throws InterruptedException {
        List<Integer> cpus = Measures.cpus(plan);
        double capacity = Measures.packetsPerSecond(Mode.QUEUED.applyTo(setup(cpus, 1)));
        double rate = capacity * share;
        List<Case> cases = new ArrayList<>();
        for (int flows : flowCounts) {
            ways.forEach((series, way) -> cases.add(new Case(
                    point(flows),
                    series,
                    seconds -> measure(
                            way.apply(setup(cpus, flows)
                                    .receivers(cpus.size())
                                    .pace(own -> Pace.perSecond(own * rate, System.nanoTime()))),
                            seconds))));
        }
        return cases;
    }

    static String point(int flows) {
        return flows == 1 ? "1 flow" : flows + " flows";
    }

    private static Setup setup(List<Integer> cpus, int flows) {
        return new Setup(cpus.getFirst(), Traffic.of(flows, PAYLOAD)).cpus(cpus).instruments(WEIGHTS);
    }

    private static Map<String, Double> measure(Setup setup, double seconds) throws InterruptedException {
        try (Chain chain = new Chain(setup)) {
            Chain.Interval interval = chain.measure(seconds);
            Map<String, Double> metrics = Measures.throughput(interval, 1);
            double busy = interval.busyNanos().stream()
                    .mapToLong(Long::longValue)
                    .average()
                    .orElse(0);
            metrics.put(BUSY.name(), busy / interval.seconds() / 1e7);
            return metrics;
        }
    }
}
