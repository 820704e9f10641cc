package dev.peregrine.bench.policy;

import dev.peregrine.bench.chain.Chain;
import dev.peregrine.bench.chain.Devices;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Experiment;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.report.Check;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.policy.RuleList;
import dev.peregrine.dataplane.policy.ScopePolicy;
import dev.peregrine.dataplane.schedule.GracePeriod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** Rules that change a thousand times a second while packets pass. */
public final class PolicyChanges extends Experiment {
    private static final int PAYLOAD = 18;
    private static final int FLOWS = 1000;
    private static final int PORT = 0;
    private static final long PERIOD_NANOS = 1_000_000;
    private static final long MAX_NANOS = 10_000_000_000L;
    private static final double MAX_ACKNOWLEDGEMENT_MICROS = 1000;
    private static final String SERIES = "1,000 changes/s";
    private static final String P50 = "p50";
    private static final String P99 = "p99";
    private static final String RATE = "rate";
    private static final String MPPS = "mpps";
    private static final List<Integer> RULES = List.of(100, 1000, 10_000);

    /** A rule that comes and goes in the middle of a list. */
    public PolicyChanges() {
        super(
                "policy-changes",
                "rules that change under load: time until every worker decides by the new ones",
                "policy",
                new Metric(P99, "Change to acknowledgement, 99th percentile", "µs"),
                new Metric(P50, "Change to acknowledgement, median", "µs"),
                new Metric(RATE, "Changes acknowledged", "1/s"),
                new Metric(MPPS, "Throughput meanwhile", "Mpps"));
    }

    @Override
    public List<Case> cases(Plan plan) {
        int cpu = plan.cpus().getLast();
        return RULES.stream()
                .map(rules -> new Case(point(rules), SERIES, seconds -> measure(cpu, rules, seconds)))
                .toList();
    }

    private static String point(int rules) {
        return rules + " rules";
    }

    private static Map<String, Double> measure(int cpu, int rules, double seconds) throws InterruptedException {
        Devices devices = new Devices(1);
        RuleList list = PolicyCosts.publish(devices.policy(), rules, false);
        try (Chain chain = new Chain(new Setup(cpu, Traffic.of(FLOWS, PAYLOAD)).devices(devices))) {
            chain.measure(0);
            Changes changes = new Changes(devices.policy(), chain, list);
            Thread thread = new Thread(changes, "bench-changes");
            thread.start();
            Chain.Interval interval = chain.next(seconds);
            changes.stop = true;
            thread.join();
            return Map.of(
                    P99, changes.nanos.getValueAtPercentile(99) / 1e3,
                    P50, changes.nanos.getValueAtPercentile(50) / 1e3,
                    RATE, changes.nanos.getTotalCount() / seconds,
                    MPPS, interval.mpps());
        }
    }

    /** Adds a rule and removes it, in turn. */
    private static final class Changes implements Runnable {
        private final Policy policy;
        private final Chain chain;
        private final Histogram nanos = new Histogram(MAX_NANOS, 3);
        private RuleList list;
        private volatile boolean stop;

        Changes(Policy policy, Chain chain, RuleList list) {
            this.policy = policy;
            this.chain = chain;
            this.list = list;
        }

        @Override
        public void run() {
            long due = System.nanoTime();
            for (int i = 0; !stop; i++) {
                due += PERIOD_NANOS;
                long wait = due - System.nanoTime();
                if (wait > 0) {
                    LockSupport.parkNanos(wait);
                }
                long begin = System.nanoTime();
                change(i);
                GracePeriod.await(chain.workers());
                nanos.recordValue(Math.min(MAX_NANOS, System.nanoTime() - begin));
            }
        }

        private void change(int number) {
            int at = list.size() / 2;
            list = number % 2 == 0
                    ? list.with(at, RuleSets.another("changing", number), System.nanoTime())
                    : list.without(list.indexOf("changing"));
            policy.publish(policy.snapshot().withPort(PORT, ScopePolicy.of(null, list)));
        }
    }

    @Override
    public List<Check> checks(Results results) {
        List<Check> checks = new ArrayList<>();
        for (int rules : RULES) {
            String name = point(rules) + ", 1,000 changes/s: acknowledgement, 99th percentile";
            results.median(point(rules), SERIES, P99)
                    .ifPresent(p99 -> checks.add(Check.atMost(name, p99, "µs", MAX_ACKNOWLEDGEMENT_MICROS)));
        }
        return checks;
    }
}
