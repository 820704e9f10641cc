package dev.peregrine.bench.experiment;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.bench.report.BarChart;
import dev.peregrine.bench.report.Markdown;
import dev.peregrine.bench.report.Picture;
import java.util.ArrayList;
import java.util.List;

/**
 * Results metric by metric: a table and a chart for each, which has the points one below the other, series side by
 * side.
 */
final class MetricTables {
    private final Experiment experiment;
    private final Results results;
    private final List<Cell> predictions;

    MetricTables(Experiment experiment, Results results) {
        this.experiment = experiment;
        this.results = results;
        predictions = experiment.predictions(results);
    }

    /** The measured and the predicted values of a metric, by points. */
    private List<Cell> cells(Metric metric) {
        List<Cell> cells = new ArrayList<>();
        for (String point : results.points()) {
            for (String series : results.series()) {
                results.cell(point, series, metric.name()).ifPresent(cells::add);
            }
        }
        predictions.stream().filter(cell -> cell.metric().equals(metric.name())).forEach(cells::add);
        return cells;
    }

    private static List<String> points(List<Cell> cells) {
        return cells.stream().map(Cell::point).distinct().toList();
    }

    private static List<String> series(List<Cell> cells) {
        return cells.stream().map(Cell::title).distinct().toList();
    }

    List<Picture> charts() {
        List<Picture> charts = new ArrayList<>();
        for (Metric metric : experiment.metrics()) {
            List<Cell> cells = cells(metric);
            if (!cells.isEmpty()) {
                charts.add(new BarChart(
                        experiment.name() + "-" + metric.name() + ".png",
                        experiment.name() + ": " + metric.title(),
                        metric.unit(),
                        series(cells),
                        points(cells).stream().map(point -> group(point, cells)).toList()));
            }
        }
        return charts;
    }

    private static BarChart.Group group(String point, List<Cell> cells) {
        return new BarChart.Group(
                point,
                cells.stream()
                        .filter(cell -> cell.point().equals(point))
                        .map(cell -> new BarChart.Bar(cell.title(), cell.summary()))
                        .toList());
    }

    void addTo(Markdown text) {
        for (Metric metric : experiment.metrics()) {
            List<Cell> cells = cells(metric);
            if (!cells.isEmpty()) {
                text.heading(2, metric.title() + ", " + metric.unit());
                List<String> head = new ArrayList<>(List.of(""));
                head.addAll(series(cells));
                text.table(
                        head,
                        points(cells).stream()
                                .map(point -> line(point, series(cells), cells))
                                .toList());
            }
        }
        experiment.charts(results).forEach(text::picture);
    }

    private static List<String> line(String point, List<String> series, List<Cell> cells) {
        List<String> line = new ArrayList<>(List.of(point));
        for (String name : series) {
            line.add(cells.stream()
                    .filter(cell -> cell.point().equals(point) && cell.title().equals(name))
                    .map(Cell::text)
                    .findFirst()
                    .orElse(""));
        }
        return line;
    }

    void addTo(ArrayNode rows) {
        for (Metric metric : experiment.metrics()) {
            for (Cell cell : cells(metric)) {
                ObjectNode row = rows.addObject();
                experiment.addNames(row, cell.point(), cell.series());
                cell.addTo(row, metric);
                row.put("predicted", cell.predicted());
            }
        }
    }
}
