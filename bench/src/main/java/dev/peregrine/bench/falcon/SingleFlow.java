package dev.peregrine.bench.falcon;

import dev.peregrine.bench.chain.Devices;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.bench.chain.Weights;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Experiment;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.falcon.model.Auto;
import dev.peregrine.bench.falcon.model.Measures;
import dev.peregrine.bench.falcon.model.Mode;
import dev.peregrine.bench.report.Check;
import dev.peregrine.bench.report.Interval;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** E1: figure 10 of the paper. */
public final class SingleFlow extends Experiment {
    private static final double BOUND = 1.7;
    private static final String AUTO = "auto";
    private static final double NEAR_BEST = 0.95;
    private static final String REAL = "real, 18 B";
    private static final String BALANCED = "4 devices of 0.5 µs, 18 B";

    private record Size(String name, Traffic traffic) {}

    private static final List<Size> SIZES = List.of(
            new Size("18 B", Traffic.of(1, 18)),
            new Size("1 KB", Traffic.of(1, 1024)),
            new Size("4 KB", new Traffic(Devices.FIRST_VNI, 1, 1366, 3)),
            new Size("64 KB", new Traffic(Devices.FIRST_VNI, 1, 1395, 47)));

    /** The kernel's shares of figure 6, and its cost: one core at 520,000 packets/s. */
    private static final Weights KERNEL = Weights.shares(1900, 36, 31, 20);

    private static final Weights BALANCE = new Weights(500, 500, 500, 500);

    private final Map<String, Auto> autos = new LinkedHashMap<>();

    /** One flow as fast as it goes. */
    public SingleFlow() {
        super(
                "E1",
                "throughput of one flow by message size and schedule (Falcon, figure 10)",
                "falcon",
                Measures.KPPS,
                new Metric("busy", "Busy time of all workers for a message", "ns"));
    }

    @Override
    public List<Case> cases(Plan plan) {
        List<Case> cases = new ArrayList<>();
        List<Mode> modes = List.of(
                Mode.HOST,
                Mode.QUEUED,
                Mode.RUN_TO_COMPLETION,
                Mode.PIPELINED,
                Mode.SPLIT,
                Mode.TWO_CHOICES,
                Mode.FLOW_CACHE);
        for (Size size : plan.quick() ? SIZES.subList(0, 1) : SIZES) {
            add(cases, plan, "kernel shares, " + size.name(), size.traffic(), KERNEL, modes);
        }
        add(cases, plan, BALANCED, SIZES.getFirst().traffic(), BALANCE, modes);
        for (Size size : plan.quick() ? SIZES.subList(0, 1) : SIZES) {
            add(cases, plan, "real, " + size.name(), size.traffic(), Weights.NONE, modes);
        }
        return cases;
    }

    private void add(List<Case> cases, Plan plan, String point, Traffic traffic, Weights weights, List<Mode> modes) {
        List<Integer> cpus = Measures.cpus(plan);
        for (Mode mode : modes) {
            cases.add(new Case(
                    point,
                    mode.title(),
                    seconds -> Measures.throughput(
                            mode.applyTo(
                                    new Setup(cpus.getFirst(), traffic)
                                            .cpus(cpus)
                                            .instruments(weights),
                                    traffic,
                                    cpus.size()),
                            traffic.datagrams(),
                            seconds)));
        }
        Auto auto = new Auto(cpus, traffic, weights);
        autos.put(point, auto);
        cases.add(new Case(point, AUTO, auto::measure));
    }

    @Override
    public List<String> notes(Results results) {
        List<String> notes = new ArrayList<>();
        autos.forEach((point, auto) -> {
            if (!auto.reason().isEmpty()) notes.add("`auto`, " + point + ": " + auto.reason() + ".");
        });
        return notes;
    }

    @Override
    public List<Check> checks(Results results) {
        List<Check> checks = new ArrayList<>();
        for (Mode slower : List.of(Mode.QUEUED, Mode.RUN_TO_COMPLETION)) {
            results.ratio("kpps", BALANCED, Mode.PIPELINED.title(), slower.title())
                    .ifPresent(ratio -> checks.add(Check.atLeast(
                            BALANCED + ": " + Mode.PIPELINED.title() + " / " + slower.title(),
                            ratio.median(),
                            "×",
                            BOUND)));
        }
        Stream.of(Mode.QUEUED, Mode.RUN_TO_COMPLETION, Mode.PIPELINED, Mode.SPLIT)
                .flatMap(mode -> results.ratio("kpps", REAL, AUTO, mode.title()).stream())
                .mapToDouble(Interval::median)
                .min()
                .ifPresent(
                        ratio -> checks.add(Check.atLeast(REAL + ": auto / the best schedule", ratio, "×", NEAR_BEST)));
        return checks;
    }
}
