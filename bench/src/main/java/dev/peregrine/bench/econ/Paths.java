package dev.peregrine.bench.econ;

import dev.peregrine.bench.chain.Chain;
import dev.peregrine.bench.chain.FlowOrder;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.fastpath.FlowCounters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** The two ways through a gateway in memory that the experiments compare, and what they come to. */
final class Paths {
    static final String CHAIN = "full chain";
    static final String FAST = "fast path";
    static final String COST = "cost";
    static final String THROUGHPUT = "mpps";
    static final String HITS = "hits";

    /** As configured where nothing else is. */
    static final int CAPACITY = 65_536;

    /** An inner frame of 64 bytes with its checksum, which is 60 bytes in memory. */
    static final int SMALL = 18;

    private Paths() {}

    static List<Metric> metrics() {
        return List.of(
                new Metric(COST, "Busy time for a packet", "ns"),
                new Metric(THROUGHPUT, "Throughput", "Mpps"),
                new Metric(HITS, "Packets that took the fast path", "%"));
    }

    /** One worker without a flow cache, and one with. */
    static List<Case> both(String point, int cpu, Traffic traffic, IntFunction<FlowOrder> order) {
        return List.of(
                new Case(point, CHAIN, seconds -> measure(new Setup(cpu, traffic).order(order), 0, seconds)),
                new Case(point, FAST, seconds -> measure(new Setup(cpu, traffic).order(order), CAPACITY, seconds)));
    }

    private static Map<String, Double> measure(Setup setup, int capacity, double seconds) throws InterruptedException {
        Map<String, Double> metrics = new LinkedHashMap<>();
        try (Chain chain = new Chain(setup.flowCache(capacity))) {
            chain.measure(0);
            long before = capacity == 0 ? 0 : chain.flows(0).hits();
            Chain.Interval interval = chain.next(seconds);
            metrics.put(COST, interval.busyNanosPerPacket());
            metrics.put(THROUGHPUT, interval.mpps());
            metrics.put(HITS, capacity == 0 ? 0 : share(chain.flows(0), before, interval.delivered()));
        }
        return metrics;
    }

    private static double share(FlowCounters counters, long before, long packets) {
        return Math.min(100, 100.0 * (counters.hits() - before) / Math.max(1, packets));
    }
}
