package dev.peregrine.bench.falcon;

import dev.peregrine.bench.chain.Pace;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.bench.chain.Weights;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Experiment;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.falcon.model.Measures;
import dev.peregrine.bench.falcon.model.Mode;
import dev.peregrine.bench.report.Check;
import java.util.ArrayList;
import java.util.List;

/** E3: figure 12 of the paper. */
public final class FlowLatency extends Experiment {
    private static final Traffic TRAFFIC = Traffic.of(1, 18);
    private static final Weights WEIGHTS = Weights.shares(1900, 36, 31, 20);
    private static final String FIXED = "fixed rate, 70% of queued's capacity";
    private static final String OVERLOAD = "overload, 130% of queued's capacity";
    private static final double CLEARLY = 0.8;

    /** One flow at a given rate. */
    public FlowLatency() {
        super(
                "E3",
                "latency of one flow at a fixed rate and in overload (Falcon, figure 12 a, c)",
                "falcon",
                Measures.with(Measures.KPPS));
    }

    @Override
    public List<Case> cases(Plan plan) throws InterruptedException {
        List<Integer> cpus = Measures.cpus(plan);
        double capacity = Measures.packetsPerSecond(Mode.QUEUED.applyTo(setup(cpus)));
        List<Case> cases = new ArrayList<>();
        for (String point : List.of(FIXED, OVERLOAD)) {
            double rate = capacity * (point.equals(FIXED) ? 0.7 : 1.3);
            for (Mode mode : List.of(
                    Mode.HOST, Mode.QUEUED, Mode.RUN_TO_COMPLETION, Mode.PIPELINED, Mode.SPLIT, Mode.TWO_CHOICES)) {
                cases.add(new Case(
                        point,
                        mode.title(),
                        seconds -> Measures.latency(
                                mode.applyTo(
                                        setup(cpus).pace(flows -> Pace.perSecond(rate, System.nanoTime())),
                                        TRAFFIC,
                                        cpus.size()),
                                seconds)));
            }
        }
        return cases;
    }

    private static Setup setup(List<Integer> cpus) {
        return new Setup(cpus.getFirst(), TRAFFIC).cpus(cpus).instruments(WEIGHTS);
    }

    @Override
    public List<Check> checks(Results results) {
        List<Check> checks = new ArrayList<>();
        for (String metric : List.of("p50", "p99")) {
            results.ratio(metric, OVERLOAD, Mode.PIPELINED.title(), Mode.QUEUED.title())
                    .ifPresent(ratio -> checks.add(Check.atMost(
                            OVERLOAD + ", " + metric + ": " + Mode.PIPELINED.title() + " / " + Mode.QUEUED.title(),
                            ratio.median(),
                            "×",
                            CLEARLY)));
        }
        return checks;
    }
}
