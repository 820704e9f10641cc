package dev.peregrine.bench.falcon;

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

/** E8: figure 19 of the paper. */
public final class Overhead extends Experiment {
    private static final Traffic TRAFFIC = Traffic.of(1, 18);

    /** One flow at rates that everybody can carry. */
    public Overhead() {
        super(
                "E8",
                "CPU time and hand-offs at a fixed rate (Falcon, figure 19)",
                "falcon",
                new Metric("cpu", "CPU time for a packet", "ns"),
                Measures.KPPS,
                new Metric("handOffs", "Packets handed over", "thousand/s"),
                new Metric("wakeUps", "Workers woken up by others", "thousand/s"));
    }

    @Override
    public List<Case> cases(Plan plan) {
        List<Integer> cpus = Measures.cpus(plan);
        Weights weights = Weights.shares(1900, 36, 31, 20);
        List<Case> cases = new ArrayList<>();
        for (int thousands : plan.quick() ? List.of(100, 300) : List.of(50, 100, 200, 300, 400)) {
            for (Mode mode :
                    List.of(Mode.HOST, Mode.QUEUED, Mode.RUN_TO_COMPLETION, Mode.PIPELINED, Mode.TWO_CHOICES)) {
                cases.add(new Case(
                        thousands + ",000/s",
                        mode.title(),
                        seconds -> Measures.throughput(
                                mode.applyTo(
                                        new Setup(cpus.getFirst(), TRAFFIC)
                                                .cpus(cpus)
                                                .instruments(weights)
                                                .sleeping()
                                                .pace(flows -> Pace.perSecond(thousands * 1e3, System.nanoTime())),
                                        TRAFFIC,
                                        cpus.size()),
                                1,
                                seconds)));
            }
        }
        return cases;
    }
}
