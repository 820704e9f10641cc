package dev.peregrine.bench.wire.report;

import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.report.Markdown;
import dev.peregrine.bench.report.Summary;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.row.Latency;
import dev.peregrine.bench.wire.row.Lineup;
import dev.peregrine.bench.wire.row.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The part of the report that is about one mode. */
final class ModeSection {
    private final Markdown text;
    private final Lineup lineup;
    private final Mode mode;
    private final Measured measured;
    private final List<Contender> contenders;

    private ModeSection(Markdown text, Lineup lineup, Mode mode, Measured measured) {
        this.text = text;
        this.lineup = lineup;
        this.mode = mode;
        this.measured = measured;
        contenders = lineup.contenders().stream()
                .filter(contender -> lineup.rows(mode).stream()
                        .anyMatch(row -> summary(row, contender).isPresent()))
                .toList();
    }

    /** Writes it, if anything was measured in that mode. */
    static void write(Markdown text, Lineup lineup, Mode mode, Measured measured) {
        ModeSection section = new ModeSection(text, lineup, mode, measured);
        if (section.contenders.isEmpty()) {
            return;
        }
        text.heading(2, "Mode %s: %s".formatted(mode.id(), mode.title()));
        section.medians();
        Charts.of(lineup, mode, measured).forEach(text::picture);
        section.comparisons();
        section.percentiles();
        section.costs();
        section.losses();
    }

    private Optional<Summary> summary(Row row, Contender contender) {
        return measured.summary(mode, row, contender);
    }

    private void medians() {
        List<List<String>> rows = new ArrayList<>();
        for (Row row : lineup.rows(mode)) {
            rows.add(cells(row.title(), row.metric().unit(), row, row.metric().name()));
        }
        text.table(head("", "unit"), rows);
    }

    private List<String> head(String... first) {
        List<String> head = new ArrayList<>(List.of(first));
        contenders.forEach(contender -> head.add(contender.id()));
        return head;
    }

    private List<String> cells(String title, String unit, Row row, String metric) {
        List<String> cells = new ArrayList<>(List.of(title, unit));
        contenders.forEach(contender -> cells.add(measured.summary(mode, row, contender, metric)
                .map(Summary::text)
                .orElse("")));
        return cells;
    }

    private void comparisons() {
        List<Contender> others =
                contenders.stream().filter(Contender::isAnother).toList();
        if (others.isEmpty() || !contenders.contains(Contender.PEREGRINE)) {
            return;
        }
        List<String> head = new ArrayList<>(List.of("medians compared", "better"));
        others.forEach(other -> head.add(Contender.PEREGRINE.id() + " / " + other.id()));
        List<List<String>> rows = new ArrayList<>();
        for (Row row : lineup.rows(mode)) {
            List<String> cells =
                    new ArrayList<>(List.of(row.title(), row.metric().lessIsBetter() ? "less" : "more"));
            others.forEach(other -> cells.add(measured.compare(mode, row, Contender.PEREGRINE, other)
                    .map(Comparison::text)
                    .orElse("")));
            rows.add(cells);
        }
        text.line("");
        text.table(head, rows);
        if (rows.stream().flatMap(List::stream).anyMatch(cell -> cell.endsWith(Comparison.MARK))) {
            text.line("");
            text.line(Comparison.MARK + ": the ranges of the two overlap, so the difference may be chance.");
        }
    }

    private void percentiles() {
        List<List<String>> rows = new ArrayList<>();
        for (Row row : lineup.rows(mode)) {
            for (Contender contender : contenders) {
                if (row.metric().equals(Latency.MEDIAN)
                        && summary(row, contender).isPresent()) {
                    List<String> cells = new ArrayList<>(List.of(row.title(), contender.id()));
                    for (String metric : List.of(Latency.P50, Latency.P99, Latency.P999)) {
                        cells.add(measured.summary(mode, row, contender, metric)
                                .map(Summary::text)
                                .orElse(""));
                    }
                    rows.add(cells);
                }
            }
        }
        text.tableOfAny(List.of("round trip, µs", "", "p50", "p99", "p99.9"), rows);
    }

    private void costs() {
        List<List<String>> rows = new ArrayList<>();
        for (Row row : lineup.rows(mode)) {
            Optional<Metric> cost = row.cost();
            if (cost.isPresent()) {
                List<String> cells =
                        cells(row.title(), cost.get().unit(), row, cost.get().name());
                if (cells.stream().skip(2).anyMatch(cell -> !cell.isEmpty())) {
                    rows.add(cells);
                }
            }
        }
        text.tableOfAny(head("CPU time, all cores together", "unit"), rows);
    }

    private void losses() {
        List<List<String>> rows = new ArrayList<>();
        for (Row row : lineup.rows(mode)) {
            for (Contender contender : contenders) {
                for (List<String> line :
                        Losses.of(measured.samples(mode, row, contender)).lines()) {
                    rows.add(List.of(row.title(), contender.id(), line.get(0), line.get(1)));
                }
            }
        }
        text.tableOfAny(List.of("where packets were lost", "", "place", "packets a round"), rows);
    }
}
