package dev.peregrine.bench.falcon;

import dev.peregrine.bench.chain.Chain;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** E2: figure 11 of the paper. */
public final class CoreUse extends Experiment {
    private static final Traffic TRAFFIC = Traffic.of(1, 18);

    /** One flow as fast as it goes, core by core. */
    public CoreUse() {
        super(
                "E2",
                "which cores are busy with one flow (Falcon, figure 11)",
                "falcon",
                Measures.KPPS,
                new Metric("worker0", "Worker 0 (receives)", "% busy"),
                new Metric("worker1", "Worker 1", "% busy"),
                new Metric("worker2", "Worker 2", "% busy"),
                new Metric("worker3", "Worker 3", "% busy"),
                new Metric("sum", "All workers", "% of a core"));
    }

    @Override
    public List<Case> cases(Plan plan) {
        List<Integer> cpus = Measures.cpus(plan).stream().limit(4).toList();
        Weights weights = Weights.shares(1900, 36, 31, 20);
        List<Case> cases = new ArrayList<>();
        for (Mode mode :
                List.of(Mode.HOST, Mode.QUEUED, Mode.RUN_TO_COMPLETION, Mode.PIPELINED, Mode.SPLIT, Mode.TWO_CHOICES)) {
            cases.add(new Case("one flow, 18 B", mode.title(), seconds -> {
                Setup setup = new Setup(cpus.getFirst(), TRAFFIC).cpus(cpus).instruments(weights);
                try (Chain chain = new Chain(mode.applyTo(setup, TRAFFIC, cpus.size()))) {
                    return shares(chain.measure(seconds));
                }
            }));
        }
        return cases;
    }

    private static Map<String, Double> shares(Chain.Interval interval) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("kpps", interval.delivered() / interval.seconds() / 1e3);
        double sum = 0;
        for (int worker = 0; worker < interval.busyNanos().size(); worker++) {
            double percent = interval.busyNanos().get(worker) / interval.seconds() / 1e7;
            metrics.put("worker" + worker, percent);
            sum += percent;
        }
        metrics.put("sum", sum);
        return metrics;
    }
}
