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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Rules that change a thousand times a second while packets pass. */
public final class PolicyChanges extends Experiment {
    private static final int PAYLOAD = 18;
    private static final int FLOWS = 1000;
    private static final int PORT = 0;
    private static final int PER_SECOND = 1000;
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
            Changes changes = new Changes(new AddAndRemove(devices.policy(), list), chain.workers(), PER_SECOND);
            Chain.Interval interval = chain.next(seconds);
            changes.end();
            Histogram nanos = changes.acknowledgements();
            return Map.of(
                    P99, nanos.getValueAtPercentile(99) / 1e3,
                    P50, nanos.getValueAtPercentile(50) / 1e3,
                    RATE, nanos.getTotalCount() / seconds,
                    MPPS, interval.mpps());
        }
    }

    /** Adds a rule and removes it, in turn. */
    private static final class AddAndRemove implements Changes.Change {
        private final Policy policy;
        private RuleList list;

        AddAndRemove(Policy policy, RuleList list) {
            this.policy = policy;
            this.list = list;
        }

        @Override
        public void make(int number) {
            list = number % 2 == 0
                    ? list.with(list.size() / 2, RuleSets.another("changing", number), System.nanoTime())
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
