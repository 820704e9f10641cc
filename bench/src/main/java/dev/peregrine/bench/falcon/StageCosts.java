package dev.peregrine.bench.falcon;

import dev.peregrine.bench.chain.Chain;
import dev.peregrine.bench.chain.Devices;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.StageTimes;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Experiment;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.report.BarChart;
import dev.peregrine.bench.report.Picture;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.overlay.Wiring;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The cost of each part of the chain. */
public final class StageCosts extends Experiment {
    /** The port of the only VNI. */
    private static final String ENDPOINT = "endpoint:port0";

    /** A timed part's metric, and what a reader knows it by. */
    private static final Map<String, String> PARTS = parts();

    /** The metrics of the parts that {@link StageTimes} calls otherwise; of all others it is the address. */
    private static final Map<String, String> TIMED = Map.of(
            "receive",
            StageTimes.from(Wiring.UNDERLAY),
            "coalesce",
            Wiring.COALESCE,
            "deliver",
            ENDPOINT,
            "nodes",
            Instruments.behind(Wiring.COALESCE));

    private static final String TOTAL = "total";
    private static final String WHOLE = "whole";
    private static final String SERIES = "run-to-completion";

    private static Map<String, String> parts() {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("receive", "receive: take a buffer, write the datagram");
        parts.put("coalesce", "coalesce: dissect, flow hash, merge");
        parts.put("vtep.decap", "vtep.decap");
        parts.put("bridge.learn", "bridge.learn");
        parts.put("bridge.forward", "bridge.forward");
        parts.put("port:port0.out", "port.out");
        parts.put("deliver", "deliver: count, release the buffer");
        parts.put("nodes", "nodes: verdicts acted on, counters");
        return parts;
    }

    private record Point(String name, Traffic traffic) {}

    private static final List<Point> POINTS = List.of(
            new Point("64 B, 1 flow", Traffic.of(1, 18)),
            new Point("64 B, 1000 flows", Traffic.of(1000, 18)),
            new Point("1400 B, 1 flow", Traffic.of(1, 1354)),
            new Point("64 B × 32 merged", new Traffic(Devices.FIRST_VNI, 1, 18, 32)),
            new Point("1400 B × 32 merged", new Traffic(Devices.FIRST_VNI, 1, 1354, 32)));

    /** One worker that runs to completion. */
    public StageCosts() {
        super("stages", "the cost of each stage of the chain, one worker, run to completion", "falcon", columns());
    }

    private static Metric[] columns() {
        List<Metric> metrics = new ArrayList<>();
        metrics.add(new Metric(WHOLE, "Cost of a datagram, without clocks", "ns"));
        metrics.add(new Metric("mpps", "Throughput, without clocks", "Mpps"));
        PARTS.forEach((part, title) -> metrics.add(new Metric(part, title, "ns")));
        metrics.add(new Metric(TOTAL, "Sum of the parts", "ns"));
        metrics.add(new Metric("allocated", "Heap allocated for a datagram", "B"));
        return metrics.toArray(Metric[]::new);
    }

    @Override
    public List<Case> cases(Plan plan) {
        int cpu = plan.cpus().getLast();
        return POINTS.stream()
                .map(point -> new Case(point.name(), SERIES, seconds -> measure(cpu, point.traffic(), seconds)))
                .toList();
    }

    private static Map<String, Double> measure(int cpu, Traffic traffic, double seconds) throws InterruptedException {
        Map<String, Double> metrics = new LinkedHashMap<>();
        try (Chain chain = new Chain(new Setup(cpu, traffic))) {
            Chain.Interval interval = chain.measure(seconds / 2);
            metrics.put(WHOLE, interval.busyNanosPerPacket());
            metrics.put("mpps", interval.mpps());
            metrics.put("allocated", interval.allocatedPerPacket());
        }
        StageTimes times = new StageTimes();
        try (Chain chain = new Chain(new Setup(cpu, traffic).instruments(times))) {
            chain.measure(0);
            Map<String, Long> before = times.nanos();
            Chain.Interval interval = chain.next(seconds / 2);
            Map<String, Long> after = times.nanos();
            double total = 0;
            for (String part : PARTS.keySet()) {
                String timed = TIMED.getOrDefault(part, part);
                double nanos = (after.getOrDefault(timed, 0L) - before.getOrDefault(timed, 0L))
                        / (double) Math.max(1, interval.delivered());
                metrics.put(part, nanos);
                total += nanos;
            }
            metrics.put(TOTAL, total);
        }
        return metrics;
    }

    @Override
    public List<Picture> charts(Results results) {
        List<BarChart.Group> groups = new ArrayList<>();
        for (String point : results.points()) {
            List<BarChart.Bar> bars = new ArrayList<>();
            PARTS.forEach((part, title) ->
                    results.summary(point, SERIES, part).ifPresent(value -> bars.add(new BarChart.Bar(title, value))));
            groups.add(new BarChart.Group(point, bars));
        }
        List<String> parts = List.copyOf(PARTS.values());
        return groups.isEmpty()
                ? List.of()
                : List.of(new BarChart("stages.png", "Cost of each part for a datagram", "ns", parts, groups));
    }
}
