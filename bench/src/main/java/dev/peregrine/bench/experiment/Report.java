package dev.peregrine.bench.experiment;

import dev.peregrine.bench.report.Check;
import dev.peregrine.bench.report.Markdown;
import dev.peregrine.bench.report.Numbers;
import dev.peregrine.bench.report.Picture;
import java.util.ArrayList;
import java.util.List;

/** An outcome in Markdown. */
final class Report {
    private final Experiment experiment;
    private final Plan plan;
    private final Results results;
    private final List<Row> predictions;
    private final Markdown text = new Markdown();

    private Report(Outcome outcome) {
        experiment = outcome.experiment();
        plan = outcome.plan();
        results = outcome.results();
        predictions = experiment.predictions(results);
        text.line("# " + experiment.name() + ": " + experiment.title());
        text.line("").line("Machine: " + outcome.machine().text() + "  ");
        text.line("Command: `" + plan.command() + "`  ");
    }

    static String markdown(Outcome outcome) {
        return new Report(outcome).write();
    }

    private String write() {
        text.line(
                "%d interleaved rounds of %s s each; medians, in brackets the 95%% interval of the median (bootstrap), then"
                                .formatted(results.rounds(), Numbers.text(plan.seconds()))
                        + " the least and the most. Compare within a table only: absolute figures drift from run to run.");
        if (results.rounds() < plan.rounds()) {
            text.line("").line("**Interrupted: %d rounds were wanted.**".formatted(plan.rounds()));
        }
        checks();
        experiment.metrics().forEach(this::metric);
        for (Picture chart : experiment.charts(results)) {
            text.line("").line("![%s](%s)".formatted(chart.title(), chart.fileName()));
        }
        prose("Published", experiment.published());
        prose("How it is measured, and how to read it", experiment.method());
        experiment.notes(results).forEach(note -> text.line("").line(note));
        failures();
        return text.toString();
    }

    private void checks() {
        List<Check> checks = experiment.checks(results);
        if (checks.isEmpty()) {
            return;
        }
        text.heading(2, "What it is meant to show");
        text.table(
                List.of("", "measured", "bound", "holds"),
                checks.stream()
                        .map(check -> List.of(
                                check.name(),
                                Numbers.text(check.value()) + " " + check.unit(),
                                check.boundText(),
                                check.holds() ? "yes" : "**no**"))
                        .toList());
    }

    private void metric(Metric metric) {
        List<Row> rows = Charts.rows(metric, results, predictions);
        if (rows.isEmpty()) {
            return;
        }
        text.heading(2, metric.title() + ", " + metric.unit());
        List<String> series = rows.stream().map(Charts::series).distinct().toList();
        List<String> head = new ArrayList<>(List.of(""));
        head.addAll(series);
        text.table(
                head,
                rows.stream()
                        .map(Row::point)
                        .distinct()
                        .map(point -> line(point, series, rows))
                        .toList());
    }

    private static List<String> line(String point, List<String> series, List<Row> rows) {
        List<String> cells = new ArrayList<>(List.of(point));
        for (String name : series) {
            cells.add(rows.stream()
                    .filter(row ->
                            row.point().equals(point) && Charts.series(row).equals(name))
                    .map(Report::cell)
                    .findFirst()
                    .orElse(""));
        }
        return cells;
    }

    private static String cell(Row row) {
        return row.predicted()
                ? Numbers.text(row.summary().median())
                : "%s (%s to %s)"
                        .formatted(
                                row.interval().text(),
                                Numbers.text(row.summary().min()),
                                Numbers.text(row.summary().max()));
    }

    private void prose(String title, String paragraph) {
        if (!paragraph.isEmpty()) {
            text.heading(2, title).line(paragraph.strip());
        }
    }

    private void failures() {
        if (!results.failures().isEmpty()) {
            text.heading(2, "What came to no result");
            results.failures().forEach((what, reason) -> text.line("- %s: %s".formatted(what, reason)));
        }
    }
}
