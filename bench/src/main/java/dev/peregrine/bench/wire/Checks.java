package dev.peregrine.bench.wire;

import static dev.peregrine.bench.wire.Contender.KERNEL;
import static dev.peregrine.bench.wire.Contender.KERNEL_TUNED;
import static dev.peregrine.bench.wire.Contender.OVS;
import static dev.peregrine.bench.wire.Contender.PEREGRINE;
import static dev.peregrine.bench.wire.Contender.PEREGRINE_RULES;
import static dev.peregrine.bench.wire.Contender.PEREGRINE_RULES_CHAIN;
import static dev.peregrine.bench.wire.Contender.PEREGRINE_SPIN;
import static dev.peregrine.bench.wire.Mode.OFFLOAD;
import static dev.peregrine.bench.wire.Mode.WIRE;

import dev.peregrine.bench.report.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The claims that the benchmark checks: ratios of medians, each with a bound. */
final class Checks {
    private static final double OVS_BOUND = 3;

    /** The expected ratio between two contenders. */
    private record Expectation(Mode mode, Row row, Contender contender, Contender versus, double bound, double goal) {
        Optional<Check> check(Results results) {
            String name = "%s · %s: %s / %s".formatted(mode.id(), row.title(), contender.id(), versus.id());
            return results.ratio(mode, row, contender, versus)
                    .map(ratio -> new Check(name, ratio, "×", !row.lessIsBetter(), bound, goal));
        }
    }

    private static final List<Expectation> EXPECTATIONS = List.of(
            new Expectation(WIRE, Rows.ONE_FLOW_SMALL_GRO, PEREGRINE, KERNEL, 3.0, 4.0),
            new Expectation(WIRE, Rows.ONE_FLOW_LARGE_GRO, PEREGRINE, KERNEL, 2.5, 4.0),
            new Expectation(WIRE, Rows.ONE_FLOW_SMALL_GRO, PEREGRINE, KERNEL_TUNED, 1.0, 1.3),
            new Expectation(WIRE, Rows.ONE_FLOW_LARGE_GRO, PEREGRINE, KERNEL_TUNED, 1.0, 1.3),
            new Expectation(WIRE, Rows.ONE_FLOW_SMALL_PLAIN, PEREGRINE, KERNEL, 1.0, 2.0),
            new Expectation(WIRE, Rows.ONE_FLOW_LARGE_PLAIN, PEREGRINE, KERNEL, 1.5, 2.0),
            new Expectation(WIRE, Rows.MANY_FLOWS_SMALL_GRO, PEREGRINE, KERNEL, 0.7, 1.2),
            new Expectation(WIRE, Rows.MANY_FLOWS_LARGE_GRO, PEREGRINE, KERNEL, 0.7, 1.2),
            new Expectation(WIRE, Rows.ONE_STREAM, PEREGRINE, KERNEL, 0.6, 1.0),
            new Expectation(WIRE, Rows.ONE_STREAM_REVERSE, PEREGRINE, KERNEL, 0.7, 1.0),
            new Expectation(OFFLOAD, Rows.ONE_STREAM, PEREGRINE, KERNEL, 0.8, 1.0),
            new Expectation(OFFLOAD, Rows.ONE_STREAM_REVERSE, PEREGRINE, KERNEL, 0.5, 1.0),
            new Expectation(WIRE, Rows.ONE_FLOW_SMALL_GRO, PEREGRINE_RULES, PEREGRINE_RULES_CHAIN, 1.0, 1.0),
            new Expectation(WIRE, Rows.ONE_FLOW_LARGE_GRO, PEREGRINE_RULES, PEREGRINE_RULES_CHAIN, 1.0, 1.0),
            new Expectation(WIRE, Rows.COST_SMALL, PEREGRINE_RULES, PEREGRINE_RULES_CHAIN, 1.0, 1.0),
            new Expectation(WIRE, Rows.COST_LARGE, PEREGRINE_RULES, PEREGRINE_RULES_CHAIN, 1.0, 1.0),
            new Expectation(WIRE, Rows.PING, PEREGRINE, KERNEL, 1.5, 1.0),
            new Expectation(WIRE, Rows.PING, PEREGRINE_SPIN, KERNEL, 0.8, 0.6),
            new Expectation(OFFLOAD, Rows.PING, PEREGRINE, KERNEL, 6.0, 3.0),
            new Expectation(OFFLOAD, Rows.PING, PEREGRINE_SPIN, KERNEL, 2.0, 1.5));

    private Checks() {}

    /** Those whose both sides were measured. */
    static List<Check> of(Plan plan, Results results) {
        List<Check> checks = new ArrayList<>();
        EXPECTATIONS.forEach(expectation -> expectation.check(results).ifPresent(checks::add));
        for (Mode mode : plan.modes()) {
            for (Row row : plan.rows(mode)) {
                if (row instanceof TcpRow || row instanceof PingRow || (row instanceof UdpRow && !row.lessIsBetter())) {
                    againstOpenVSwitch(mode, row, results).ifPresent(checks::add);
                }
            }
        }
        return checks;
    }

    /** Where less is better, how many times less. */
    private static Optional<Check> againstOpenVSwitch(Mode mode, Row row, Results results) {
        Optional<Double> ratio = row.lessIsBetter()
                ? results.ratio(mode, row, OVS, PEREGRINE)
                : results.ratio(mode, row, PEREGRINE, OVS);
        String name = "%s · %s: %s / %s"
                .formatted(
                        mode.id(),
                        row.title(),
                        (row.lessIsBetter() ? OVS : PEREGRINE).id(),
                        (row.lessIsBetter() ? PEREGRINE : OVS).id());
        return ratio.map(value -> new Check(name, value, "×", true, OVS_BOUND, OVS_BOUND));
    }
}
