package dev.peregrine.bench.wire.report;

import dev.peregrine.bench.report.Chart;
import dev.peregrine.bench.report.Check;
import dev.peregrine.bench.report.Machine;
import dev.peregrine.bench.report.Markdown;
import dev.peregrine.bench.report.Numbers;
import dev.peregrine.bench.report.Summary;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.row.Latency;
import dev.peregrine.bench.wire.row.Plan;
import dev.peregrine.bench.wire.row.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The result in Markdown. */
final class Report {
    private final Plan plan;
    private final Machine machine;
    private final Results results;
    private final Markdown text = new Markdown();

    private Report(Plan plan, Machine machine, Results results) {
        this.plan = plan;
        this.machine = machine;
        this.results = results;
    }

    static String markdown(Plan plan, Machine machine, Results results) {
        return new Report(plan, machine, results).write();
    }

    private String write() {
        line("# Into a container, through an overlay");
        line("");
        line("Machine: " + machine.text() + "  ");
        line("Command: `" + plan.command() + "`  ");
        line("%d interleaved rounds of %s s each; medians, and in brackets the least and the most. "
                        .formatted(plan.rounds(), Numbers.text(plan.seconds()))
                + "Compare within a table only: absolute figures drift from run to run.");
        checks();
        for (Mode mode : plan.modes()) {
            mode(mode);
        }
        contenders();
        failures();
        return text.toString();
    }

    private void checks() {
        List<Check> checks = Checks.of(plan, results);
        if (checks.isEmpty()) {
            return;
        }
        line("");
        line("## What it is meant to show");
        line("");
        table(
                List.of("medians compared", "measured", "bound", "holds", "goal"),
                checks.stream()
                        .map(check -> List.of(
                                check.name(),
                                Numbers.text(check.value()) + " " + check.unit(),
                                check.boundText(),
                                check.holds() ? "yes" : "**no**",
                                Numbers.text(check.goal()) + (check.reachesGoal() ? " reached" : "")))
                        .toList());
    }

    private void mode(Mode mode) {
        List<Contender> contenders = measured(mode);
        if (contenders.isEmpty()) {
            return;
        }
        line("");
        line("## Mode %s: %s".formatted(mode.id(), mode.title()));
        line("");
        List<String> head = new ArrayList<>(List.of("", "unit"));
        contenders.forEach(contender -> head.add(contender.id()));
        table(
                head,
                plan.rows(mode).stream().map(row -> row(mode, row, contenders)).toList());
        for (Chart chart : Charts.of(plan, mode, results)) {
            line("");
            line("![%s](%s)".formatted(chart.title(), chart.fileName()));
        }
        comparisons(mode, contenders);
        percentiles(mode, contenders);
    }

    private List<Contender> measured(Mode mode) {
        return plan.contenders().stream()
                .filter(contender -> plan.rows(mode).stream()
                        .anyMatch(row -> results.summary(mode, row, contender).isPresent()))
                .toList();
    }

    private List<String> row(Mode mode, Row row, List<Contender> contenders) {
        List<String> cells = new ArrayList<>(List.of(row.title(), row.unit()));
        contenders.forEach(contender -> cells.add(cell(results.summary(mode, row, contender))));
        return cells;
    }

    private static String cell(Optional<Summary> summary) {
        return summary.map(value -> "%s (%s to %s)"
                        .formatted(Numbers.text(value.median()), Numbers.text(value.min()), Numbers.text(value.max())))
                .orElse("");
    }

    private void comparisons(Mode mode, List<Contender> contenders) {
        List<Contender> others =
                contenders.stream().filter(Contender::isAnother).toList();
        if (others.isEmpty() || !contenders.contains(Contender.PEREGRINE)) {
            return;
        }
        List<String> head = new ArrayList<>(List.of("medians compared", "better"));
        others.forEach(other -> head.add(Contender.PEREGRINE.id() + " / " + other.id()));
        List<List<String>> rows = new ArrayList<>();
        for (Row row : plan.rows(mode)) {
            List<String> cells = new ArrayList<>(List.of(row.title(), row.lessIsBetter() ? "less" : "more"));
            others.forEach(other -> cells.add(results.compare(mode, row, Contender.PEREGRINE, other)
                    .map(Comparison::text)
                    .orElse("")));
            rows.add(cells);
        }
        line("");
        table(head, rows);
        if (rows.stream().flatMap(List::stream).anyMatch(cell -> cell.endsWith(Comparison.MARK))) {
            line("");
            line(Comparison.MARK + ": the ranges of the two overlap, so the difference may be chance.");
        }
    }

    private void percentiles(Mode mode, List<Contender> contenders) {
        List<List<String>> rows = new ArrayList<>();
        for (Row row : plan.rows(mode)) {
            for (Contender contender : contenders) {
                if (row.metric().equals(Latency.P50)
                        && results.summary(mode, row, contender).isPresent()) {
                    List<String> cells = new ArrayList<>(List.of(row.title(), contender.id()));
                    for (String metric : List.of(Latency.P50, Latency.P99, Latency.P999)) {
                        cells.add(cell(results.summary(mode, row, contender, metric)));
                    }
                    rows.add(cells);
                }
            }
        }
        if (!rows.isEmpty()) {
            line("");
            table(List.of("round trip, µs", "", "p50", "p99", "p99.9"), rows);
        }
    }

    private void contenders() {
        line("");
        line("## Who is who");
        line("");
        table(
                List.of("name", ""),
                plan.contenders().stream()
                        .map(contender -> List.of(contender.id(), contender.title()))
                        .toList());
        line("");
        line(
                "The UDP sender is pinned to CPU %d, Peregrine's only worker to CPU %d; all else runs where the kernel puts it."
                        .formatted(
                                plan.placement().senderCpu(), plan.placement().gatewayCpu()));
        if (!results.notes().isEmpty()) {
            line("");
        }
        results.notes().forEach(note -> line("- " + note));
    }

    private void failures() {
        if (results.failures().isEmpty()) {
            return;
        }
        line("");
        line("## What came to no result");
        line("");
        results.failures().forEach((what, reason) -> line("- %s: %s".formatted(what, reason)));
    }

    private void table(List<String> head, List<List<String>> rows) {
        text.table(head, rows);
    }

    private void line(String line) {
        text.line(line);
    }
}
