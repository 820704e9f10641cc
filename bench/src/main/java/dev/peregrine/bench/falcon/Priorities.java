package dev.peregrine.bench.falcon;

import dev.peregrine.bench.chain.Pace;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.bench.chain.Weights;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.falcon.model.Measures;
import dev.peregrine.bench.falcon.model.Mode;
import java.util.ArrayList;
import java.util.List;

/** E15: figure 8 of PRISM. */
public final class Priorities extends FalconExperiment {
    private static final Traffic TRAFFIC = Traffic.of(1, 18);
    private static final Weights WEIGHTS = Weights.shares(1900, 36, 31, 20);

    /** Queues against run to completion. */
    public Priorities() {
        super(
                "E15",
                "queues between devices against run to completion (PRISM, figure 8)",
                """
                PRISM (ICDCS'22), at 300,000 packets/s: run to completion for each packet (`sync`) halves median and tail; but
                capacity falls from about 400,000 to about 300,000 packets/s, by 25%, while priority queues (`batch`) keep it.""",
                """
                `queued` is the kernel's way with a queue before each device; `run-to-completion` takes a batch of up to 64
                through all of them. PRISM's loses capacity since it gives batching up; ours keeps batches, so it may win both.
                Kernel shares of E1; an open loop as in E3, workers that spin. With one worker and batches there is little
                for queues to gain: what is in a batch waits for the whole batch at each device under either. Pipelining is
                there for comparison; it needs the second core all the time for it.""",
                Measures.with(KPPS));
    }

    @Override
    public List<Case> cases(Plan plan) throws InterruptedException {
        List<Integer> cpus = cpus(plan);
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
