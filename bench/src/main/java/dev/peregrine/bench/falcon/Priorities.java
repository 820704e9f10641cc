package dev.peregrine.bench.falcon;

import dev.peregrine.bench.chain.Pace;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.bench.chain.Weights;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Experiment;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.falcon.model.Measures;
import dev.peregrine.bench.falcon.model.Mode;
import java.util.ArrayList;
import java.util.List;

/** E15: figure 8 of PRISM. */
public final class Priorities extends Experiment {
    private static final Traffic TRAFFIC = Traffic.of(1, 18);
    private static final Weights WEIGHTS = Weights.shares(1900, 36, 31, 20);

    /** Queues against run to completion. */
    public Priorities() {
        super(
                "E15",
                "queues between devices against run to completion (PRISM, figure 8)",
                "falcon",
                Measures.with(Measures.KPPS));
    }

    @Override
    public List<Case> cases(Plan plan) throws InterruptedException {
        List<Integer> cpus = Measures.cpus(plan);
        double capacity = Measures.packetsPerSecond(Mode.QUEUED.applyTo(setup(cpus)));
        List<Case> cases = new ArrayList<>();
        for (int percent : List.of(50, 75, 90)) {
            for (Mode mode : List.of(Mode.QUEUED, Mode.RUN_TO_COMPLETION, Mode.PIPELINED)) {
                cases.add(new Case(
                        percent + "% of queued's capacity",
                        mode.title(),
                        seconds -> Measures.latency(
                                mode.applyTo(
                                        setup(cpus)
                                                .pace(flows ->
                                                        Pace.perSecond(capacity * percent / 100, System.nanoTime())),
                                        TRAFFIC,
                                        cpus.size()),
                                seconds)));
            }
        }
        for (Mode mode : List.of(Mode.QUEUED, Mode.RUN_TO_COMPLETION, Mode.PIPELINED)) {
            cases.add(new Case(
                    "as fast as it goes",
                    mode.title(),
                    seconds -> Measures.throughput(mode.applyTo(setup(cpus), TRAFFIC, cpus.size()), 1, seconds)));
        }
        return cases;
    }

    private static Setup setup(List<Integer> cpus) {
        return new Setup(cpus.getFirst(), TRAFFIC).cpus(cpus).instruments(WEIGHTS);
    }
}
