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
import dev.peregrine.dataplane.policy.Hits;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.policy.PolicySnapshot;
import dev.peregrine.dataplane.policy.RuleList;
import dev.peregrine.dataplane.policy.ScopePolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The cost of rules and established state for a packet in the whole chain. */
public final class PolicyCosts extends Experiment {
    private static final int PAYLOAD = 18; // frames of 60 bytes, 64 with their check sequence
    private static final int PORT = 0;
    private static final String NANOS = "nanos";
    private static final String MPPS = "mpps";
    private static final String ALLOCATED = "allocated";
    private static final String RULES = "rules alone";
    private static final String STATE = "rules and state";
    private static final double LEAST_MPPS = 4;

    private record Point(int rules, int flows) {
        @Override
        public String toString() {
            return (rules == 0 ? "no policy" : rules + " rules") + ", " + flows + (flows == 1 ? " flow" : " flows");
        }
    }

    /** Rules of one mixture, whatever their number. */
    public PolicyCosts() {
        super(
                "policy",
                "the cost of policy for a packet: rules, and rules with established state",
                "policy",
                new Metric(NANOS, "Cost of a datagram in the chain", "ns"),
                new Metric(MPPS, "Throughput", "Mpps"),
                new Metric(ALLOCATED, "Heap allocated for a datagram", "B"));
    }

    @Override
    public List<Case> cases(Plan plan) {
        int cpu = plan.cpus().getLast();
        List<Case> cases = new ArrayList<>();
        for (int flows : new int[] {1, 1000}) {
            for (int rules : new int[] {0, 100, 1000, 10_000}) {
                Point point = new Point(rules, flows);
                cases.add(new Case(point.toString(), RULES, seconds -> measure(cpu, point, false, seconds)));
                cases.add(new Case(point.toString(), STATE, seconds -> measure(cpu, point, true, seconds)));
            }
        }
        return cases;
    }

    private static Map<String, Double> measure(int cpu, Point point, boolean state, double seconds)
            throws InterruptedException {
        Devices devices = new Devices(1);
        if (point.rules > 0) {
            publish(devices.policy(), point.rules, state);
        }
        try (Chain chain = new Chain(new Setup(cpu, Traffic.of(point.flows, PAYLOAD)).devices(devices))) {
            Chain.Interval interval = chain.measure(seconds);
            return Map.of(
                    NANOS, interval.busyNanosPerPacket(),
                    MPPS, interval.mpps(),
                    ALLOCATED, interval.allocatedPerPacket());
        }
    }

    /** Has the port's frames out meet {@code rules} rules, of which the last lets them pass. */
    public static RuleList publish(Policy policy, int rules, boolean state) {
        RuleList list = RuleList.of(RuleSets.of(rules, 1), false, policy.workers(), null, System.nanoTime());
        Hits replies = state ? new Hits(policy.workers()) : null;
        policy.publish(
                PolicySnapshot.EMPTY.withPort(PORT, new ScopePolicy(null, list, null, null, null, null, replies)));
        return list;
    }

    @Override
    public List<Check> checks(Results results) {
        List<Check> checks = new ArrayList<>();
        String many = new Point(10_000, 1000).toString();
        String few = new Point(100, 1000).toString();
        results.median(few, STATE, MPPS)
                .ifPresent(mpps -> checks.add(
                        Check.atLeast("whole chain, 100 rules with state, 64 B, one core", mpps, "Mpps", LEAST_MPPS)));
        results.ratio(NANOS, many, RULES, few, RULES)
                .ifPresent(ratio -> checks.add(
                        Check.atMost("10,000 rules against 100, cost of a packet", ratio.median(), "times", 2)));
        return checks;
    }
}
