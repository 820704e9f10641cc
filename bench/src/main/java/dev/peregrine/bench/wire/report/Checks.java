package dev.peregrine.bench.wire.report;

import static dev.peregrine.bench.wire.lab.Contender.KERNEL;
import static dev.peregrine.bench.wire.lab.Contender.KERNEL_TUNED;
import static dev.peregrine.bench.wire.lab.Contender.OVS;
import static dev.peregrine.bench.wire.lab.Contender.PEREGRINE;
import static dev.peregrine.bench.wire.lab.Contender.PEREGRINE_RULES;
import static dev.peregrine.bench.wire.lab.Contender.PEREGRINE_RULES_CHAIN;
import static dev.peregrine.bench.wire.lab.Contender.PEREGRINE_SPIN;
import static dev.peregrine.bench.wire.lab.Mode.OFFLOAD;
import static dev.peregrine.bench.wire.lab.Mode.WIRE;

import dev.peregrine.bench.report.Check;
import dev.peregrine.bench.report.Summary;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.row.Lineup;
import dev.peregrine.bench.wire.row.Row;
import dev.peregrine.bench.wire.row.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The claims that the benchmark checks: of two contenders side by side, each with a bound. */
final class Checks {
    private static final double OVS_BOUND = 3;

    /** A claim about two contenders in a row. */
    private record Expectation(
            Mode mode, Row row, Contender contender, Contender versus, boolean everyRound, double bound, double goal) {
        static Expectation ofMedians(
                Mode mode, Row row, Contender contender, Contender versus, double bound, double goal) {
            return new Expectation(mode, row, contender, versus, false, bound, goal);
        }

        /** That no round of one is worse than the bound, against the median of the other. */
        static Expectation ofEveryRound(Mode mode, Row row, Contender contender, Contender versus, double bound) {
            return new Expectation(mode, row, contender, versus, true, bound, bound);
        }

        Optional<Check> check(Measured measured) {
            return measured.summary(mode, row, contender)
                    .flatMap(one -> measured.summary(mode, row, versus)
                            .flatMap(other -> Comparison.of(row.metric(), value(one), other.median())))
                    .map(value -> new Check(
                            name(),
                            value,
                            Comparison.unit(row.metric()),
                            !row.metric().lessIsBetter(),
                            bound,
                            goal));
        }

        private double value(Summary summary) {
            if (!everyRound) {
                return summary.median();
            }
            return row.metric().lessIsBetter() ? summary.max() : summary.min();
        }

        private String name() {
            return "%s · %s: %s%s %s %s"
                    .formatted(
                            mode.id(),
                            row.title(),
                            contender.id(),
                            everyRound ? ", worst round" : "",
                            row.metric().isShare() ? "−" : "/",
                            versus.id());
        }
    }

    private static final List<Expectation> EXPECTATIONS = List.of(
            Expectation.ofMedians(WIRE, Rows.ONE_FLOW_SMALL_GRO, PEREGRINE, KERNEL_TUNED, 1.0, 1.3),
            Expectation.ofMedians(WIRE, Rows.ONE_FLOW_LARGE_GRO, PEREGRINE, KERNEL_TUNED, 1.2, 1.5),
            Expectation.ofMedians(WIRE, Rows.ONE_FLOW_SMALL_PLAIN, PEREGRINE, KERNEL_TUNED, 1.2, 1.5),
            Expectation.ofMedians(WIRE, Rows.ONE_FLOW_LARGE_PLAIN, PEREGRINE, KERNEL_TUNED, 1.3, 1.5),
            Expectation.ofMedians(WIRE, Rows.MANY_FLOWS_SMALL_GRO, PEREGRINE, KERNEL, 0.6, 1.0),
            Expectation.ofEveryRound(WIRE, Rows.MANY_FLOWS_SMALL_GRO, PEREGRINE, KERNEL, 0.4),
            Expectation.ofMedians(WIRE, Rows.LOSS, PEREGRINE, KERNEL, 2, 0),
            Expectation.ofMedians(WIRE, Rows.LOSS_REVERSE, PEREGRINE, KERNEL, 2, 0),
            Expectation.ofMedians(WIRE, Rows.ONE_STREAM, PEREGRINE, KERNEL, 0.85, 1.0),
            Expectation.ofMedians(WIRE, Rows.ONE_STREAM_REVERSE, PEREGRINE, KERNEL, 0.9, 1.0),
            Expectation.ofMedians(OFFLOAD, Rows.ONE_STREAM, PEREGRINE, KERNEL, 0.8, 1.0),
            Expectation.ofMedians(OFFLOAD, Rows.ONE_STREAM_REVERSE, PEREGRINE, KERNEL, 0.5, 1.0),
            Expectation.ofMedians(WIRE, Rows.ONE_FLOW_SMALL_GRO, PEREGRINE_RULES, PEREGRINE_RULES_CHAIN, 1.0, 1.0),
            Expectation.ofMedians(WIRE, Rows.ONE_FLOW_LARGE_GRO, PEREGRINE_RULES, PEREGRINE_RULES_CHAIN, 1.0, 1.0),
            Expectation.ofMedians(WIRE, Rows.COST_SMALL, PEREGRINE_RULES, PEREGRINE_RULES_CHAIN, 1.0, 1.0),
            Expectation.ofMedians(WIRE, Rows.COST_LARGE, PEREGRINE_RULES, PEREGRINE_RULES_CHAIN, 1.0, 1.0),
            Expectation.ofMedians(WIRE, Rows.PING, PEREGRINE, KERNEL, 2.0, 1.3),
            Expectation.ofMedians(WIRE, Rows.PING, PEREGRINE_SPIN, KERNEL, 0.8, 0.6),
            Expectation.ofMedians(OFFLOAD, Rows.PING, PEREGRINE, KERNEL, 6.0, 3.0),
            Expectation.ofMedians(OFFLOAD, Rows.PING, PEREGRINE_SPIN, KERNEL, 2.0, 1.5));

    private Checks() {}

    /** Those whose both sides were measured. */
    static List<Check> of(Lineup lineup, Measured measured) {
        List<Check> checks = new ArrayList<>();
        EXPECTATIONS.forEach(expectation -> expectation.check(measured).ifPresent(checks::add));
        for (Mode mode : lineup.modes()) {
            for (Row row : lineup.rows(mode)) {
                if (row.isOf("tcp/") || row.isOf("ping") || row.isOf("udp/")) {
                    againstOpenVSwitch(mode, row, measured).ifPresent(checks::add);
                }
            }
        }
        return checks;
    }

    /** Where less is better, how many times less. */
    private static Optional<Check> againstOpenVSwitch(Mode mode, Row row, Measured measured) {
        Optional<Comparison> ratio = row.metric().lessIsBetter()
                ? measured.compare(mode, row, OVS, PEREGRINE)
                : measured.compare(mode, row, PEREGRINE, OVS);
        String name = "%s · %s: %s / %s"
                .formatted(
                        mode.id(),
                        row.title(),
                        (row.metric().lessIsBetter() ? OVS : PEREGRINE).id(),
                        (row.metric().lessIsBetter() ? PEREGRINE : OVS).id());
        return ratio.map(value -> new Check(name, value.value(), value.unit(), true, OVS_BOUND, OVS_BOUND));
    }
}
