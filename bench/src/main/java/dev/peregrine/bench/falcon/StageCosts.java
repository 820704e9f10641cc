package dev.peregrine.bench.falcon;

import dev.peregrine.bench.chain.Chain;
import dev.peregrine.bench.chain.Devices;
import dev.peregrine.bench.chain.Instruments;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.StageTimes;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Experiment;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.experiment.Row;
import dev.peregrine.bench.report.Chart;
import dev.peregrine.dataplane.endpoint.EndpointSlot;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;
import dev.peregrine.dataplane.stage.Stage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The cost of each part of the chain. */
public final class StageCosts implements Experiment {
    /** Around the sinks behind the coalescer: the nodes, which move packets from stage to stage. */
    private static final String NODES = "nodes";

    /** A timed part, by the name that {@link Instruments} give it, and by that which a reader knows. */
    private static final Map<String, String> PARTS = parts();

    private static final String TOTAL = "total";
    private static final String WHOLE = "whole";
    private static final String SERIES = "run-to-completion";

    private static Map<String, String> parts() {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put(Instruments.RECEIVE, "receive: take a buffer, write the datagram");
        parts.put(Instruments.COALESCE, "coalesce: dissect, flow hash, merge");
        parts.put("vtep.decap", "vtep.decap");
        parts.put("bridge.learn", "bridge.learn");
        parts.put("bridge.forward", "bridge.forward");
        parts.put("port:port0.out", "port.out");
        parts.put("deliver", "deliver: count, release the buffer");
        parts.put(NODES, "nodes: verdicts acted on, counters");
        return parts;
    }

    private record Point(String name, Traffic traffic) {}

    private static final List<Point> POINTS = List.of(
            new Point("64 B, 1 flow", Traffic.of(1, 18)),
            new Point("64 B, 1000 flows", Traffic.of(1000, 18)),
            new Point("1400 B, 1 flow", Traffic.of(1, 1354)),
            new Point("64 B × 32 merged", new Traffic(Devices.FIRST_VNI, 1, 18, 32)),
            new Point("1400 B × 32 merged", new Traffic(Devices.FIRST_VNI, 1, 1354, 32)));

    @Override
    public String name() {
        return "stages";
    }

    @Override
    public String title() {
        return "what each stage of the chain costs, one worker, run to completion";
    }

    @Override
    public String published() {
        return "Falcon (EuroSys'21, figure 6) for the kernel's overlay, shares of the softirq time of sockperf: network card"
                + " 35.97%, VXLAN device 30.61%, veth 20.54%. That is, the three stages of a simple load are nearly equal.";
    }

    @Override
    public String method() {
        return """
                A source in memory writes datagrams into buffers (it stands for the system call), the gateway's own chain
                carries them, a destination releases them. The clock is read before and after each part, per batch of up
                to 64. `whole` is the cost of a packet in another run without these clocks. A merged superframe is one
                packet for all stages behind the coalescer, so figures are per datagram. Nothing here crosses the kernel,
                which costs more than all of it: see `scripts/bench wire`.""";
    }

    @Override
    public List<Metric> metrics() {
        List<Metric> metrics = new ArrayList<>();
        metrics.add(new Metric(WHOLE, "Cost of a datagram, without clocks", "ns"));
        metrics.add(new Metric("mpps", "Throughput, without clocks", "Mpps"));
        PARTS.forEach((part, title) -> metrics.add(new Metric(part, title, "ns")));
        metrics.add(new Metric(TOTAL, "Sum of the parts", "ns"));
        metrics.add(new Metric("allocated", "Heap allocated for a datagram", "B"));
        return metrics;
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
        try (Chain chain = new Chain(new Setup(cpu, traffic).instruments(new Parts(times)))) {
            chain.measure(0);
            Map<String, Long> before = times.nanos();
            Chain.Interval interval = chain.next(seconds / 2);
            Map<String, Long> after = times.nanos();
            double total = 0;
            for (String part : PARTS.keySet()) {
                double nanos = (after.getOrDefault(part, 0L) - before.getOrDefault(part, 0L))
                        / (double) Math.max(1, interval.delivered());
                metrics.put(part, nanos);
                total += nanos;
            }
            metrics.put(TOTAL, total);
        }
        return metrics;
    }

    /** Names the timed parts. */
    private record Parts(StageTimes times) implements Instruments {
        @Override
        public Stage stage(String address, Stage stage) {
            return times.stage(address, stage);
        }

        @Override
        public Sink sink(String name, Sink sink) {
            return times.sink(
                    name.equals(Instruments.COALESCED) ? NODES : sink instanceof EndpointSlot ? "deliver" : name, sink);
        }

        @Override
        public Source source(String name, Source source) {
            return times.source(name, source);
        }
    }

    @Override
    public List<Chart> charts(Results results) {
        List<String> parts = PARTS.values().stream().toList();
        List<Chart.Group> groups = new ArrayList<>();
        for (String point : results.points()) {
            List<Chart.Bar> bars = new ArrayList<>();
            PARTS.forEach((part, title) -> results.row(point, SERIES, part)
                    .map(Row::summary)
                    .ifPresent(summary -> bars.add(new Chart.Bar(title, summary))));
            groups.add(new Chart.Group(point, bars));
        }
        return List.of(new Chart("stages.svg", "Cost of each part for a datagram", "ns", parts, groups));
    }
}
