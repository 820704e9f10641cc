package dev.peregrine.bench.falcon;

import dev.peregrine.bench.chain.Pace;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.bench.chain.Weights;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.falcon.model.Measures;
import dev.peregrine.bench.falcon.model.Mode;
import dev.peregrine.bench.report.Check;
import java.util.ArrayList;
import java.util.List;

/** E3: figure 12 of the paper. */
public final class FlowLatency extends FalconExperiment {
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
                """
                FALCON (EuroSys'21), figure 12, UDP 16 B, µs at p50/p90/p99/p99.99, read off the plot:

                | | Host | Con | Falcon |
                | --- | --- | --- | --- |
                | 400,000 packets/s | 155/190/265/310 | 200/260/450/515 | 180/235/345/395 |
                | overloaded | 940/990/1030/1100 | 1880/2050/2090/2120 | 1250/1280/1285/1330 |""",
                """
                An open loop: packets fall due at a fixed rate whatever becomes of them, wait in a ring of 1,024 as at a
                network card, and are lost where it is full. Time counts from when a packet was due. Rates are shares of what
                `queued` carries of the kernel's shares of E1, measured beforehand. Workers spin, so nothing here is the cost
                of a wake-up, which the paper blames for its tail. In overload a full ring is what the latency is: 1,024
                packets at the rate of the bottleneck, and Falcon's bottleneck is faster. Against run-to-completion, which
                has no queues between devices at all, pipelining pays for its hand-offs at a fixed rate: batches wait for
                one another twice.""",
                Measures.with(KPPS));
    }

    @Override
    public List<Case> cases(Plan plan) throws InterruptedException {
        List<Integer> cpus = cpus(plan);
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
