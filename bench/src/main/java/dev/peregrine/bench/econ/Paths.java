package dev.peregrine.bench.econ;

import dev.peregrine.bench.chain.Chain;
import dev.peregrine.bench.chain.Devices;
import dev.peregrine.bench.chain.FlowOrder;
import dev.peregrine.bench.chain.Pace;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.policy.PolicyCosts;
import dev.peregrine.fastpath.FlowCounters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** The two paths through a gateway in memory that the experiments compare, and their results. */
final class Paths {
    static final String CHAIN = "full chain";
    static final String FAST = "fast path";
    static final String COST = "cost";
    static final String THROUGHPUT = "mpps";
    static final String HITS = "hits";
    static final String MEAN = "mean";
    static final String P99 = "p99";
    /** As configured where nothing else is. */
    static final int CAPACITY = 65_536;

    /** An inner frame of 64 bytes with its checksum, which is 60 bytes in memory. */
    static final int SMALL = 18;

    private static final int RULES = 100;

    private Paths() {}

    /** Of both paths, and others behind them. */
    static Metric[] metrics(Metric... others) {
        return Stream.concat(
                        Stream.of(
                                new Metric(COST, "Busy time for a packet", "ns"),
                                new Metric(THROUGHPUT, "Throughput", "Mpps"),
                                new Metric(HITS, "Packets that took the fast path", "%")),
                        Stream.of(others))
                .toArray(Metric[]::new);
    }

    /** One worker without a flow cache, and one with. */
    static List<Case> both(String point, int cpu, Traffic traffic, IntFunction<FlowOrder> order) {
        return both(point, cpu, traffic, order, CAPACITY);
    }

    /** The same with room for the states of {@code states} flows. */
    static List<Case> both(String point, int cpu, Traffic traffic, IntFunction<FlowOrder> order, int states) {
        return List.of(
                new Case(
                        point,
                        CHAIN,
                        seconds -> throughput(setup(cpu, traffic, states).order(order), 0, seconds)),
                new Case(
                        point,
                        FAST,
                        seconds -> throughput(setup(cpu, traffic, states).order(order), CAPACITY, seconds)));
    }

    /** The same at a rate that both carry: how late packets are. */
    static List<Case> bothAtRate(String point, int cpu, Traffic traffic, double packetsPerSecond) {
        return List.of(
                new Case(point, CHAIN, seconds -> latency(paced(cpu, traffic, packetsPerSecond), seconds)),
                new Case(
                        point,
                        FAST,
                        seconds -> latency(paced(cpu, traffic, packetsPerSecond).flowCache(CAPACITY), seconds)));
    }

    private static Setup setup(int cpu, Traffic traffic, int states) {
        return new Setup(cpu, traffic).devices(policed(states)).prepared();
    }

    /** Devices of one VNI with 100 rules and state. */
    private static Devices policed(int states) {
        Devices devices = new Devices(1, states);
        PolicyCosts.publish(devices.policy(), RULES, true);
        return devices;
    }

    private static Setup paced(int cpu, Traffic traffic, double packetsPerSecond) {
        return new Setup(cpu, traffic)
                .devices(policed(CAPACITY))
                .pace(flows -> Pace.perSecond(packetsPerSecond, System.nanoTime()))
                .takingTimes();
    }

    private static Map<String, Double> throughput(Setup setup, int capacity, double seconds)
            throws InterruptedException {
        Map<String, Double> metrics = new LinkedHashMap<>();
        try (Chain chain = new Chain(setup.flowCache(capacity))) {
            chain.measure(seconds / 2); // rules let flows pass, and the cache admits them
            long before = capacity == 0 ? 0 : chain.flows(0).hits();
            Chain.Interval interval = chain.next(seconds);
            metrics.put(COST, interval.busyNanosPerPacket());
            metrics.put(THROUGHPUT, interval.mpps());
            metrics.put(HITS, capacity == 0 ? 0 : share(chain.flows(0), before, interval.delivered()));
        }
        return metrics;
    }

    private static Map<String, Double> latency(Setup setup, double seconds) throws InterruptedException {
        Map<String, Double> metrics = new LinkedHashMap<>();
        try (Chain chain = new Chain(setup)) {
            chain.measure(seconds / 2);
            Chain.Interval interval = chain.next(seconds);
            metrics.put(COST, interval.busyNanosPerPacket());
            metrics.put(THROUGHPUT, interval.mpps());
            Histogram latency = chain.stop();
            if (latency != null) {
                metrics.put(MEAN, latency.getMean() / 1e3);
                metrics.put(P99, latency.getValueAtPercentile(99) / 1e3);
            }
        }
        return metrics;
    }

    private static double share(FlowCounters counters, long before, long packets) {
        return Math.min(100, 100.0 * (counters.hits() - before) / Math.max(1, packets));
    }
}
