package dev.peregrine.bench.experiment;

import dev.peregrine.bench.report.Chart;
import java.util.ArrayList;
import java.util.List;

/** Results in pictures. */
public final class Charts {
    private Charts() {}

    /** A chart for each metric that was measured: a group of bars for each point, a bar for each series. */
    public static List<Chart> ofMetrics(Experiment experiment, Results results) {
        List<Row> predictions = experiment.predictions(results);
        List<Chart> charts = new ArrayList<>();
        for (Metric metric : experiment.metrics()) {
            List<Row> rows = rows(metric, results, predictions);
            if (!rows.isEmpty()) {
                charts.add(chart(experiment, metric, rows));
            }
        }
        return charts;
    }

    /** The measured and the predicted values of a metric, by points. */
    static List<Row> rows(Metric metric, Results results, List<Row> predictions) {
        List<Row> rows = new ArrayList<>();
        for (String point : results.points()) {
            for (String series : results.series()) {
                results.row(point, series, metric.name()).ifPresent(rows::add);
            }
        }
        predictions.stream().filter(row -> row.metric().equals(metric.name())).forEach(rows::add);
        return rows;
    }

    private static Chart chart(Experiment experiment, Metric metric, List<Row> rows) {
        List<Chart.Group> groups = rows.stream()
                .map(Row::point)
                .distinct()
                .map(point -> new Chart.Group(
                        point,
                        rows.stream()
                                .filter(row -> row.point().equals(point))
                                .map(row -> new Chart.Bar(series(row), row.summary()))
                                .toList()))
                .toList();
        return new Chart(
                experiment.name() + "-" + metric.name() + ".svg",
                experiment.name() + ": " + metric.title(),
                metric.unit(),
                rows.stream().map(Charts::series).distinct().toList(),
                groups);
    }

    /** A series as readers see it. */
    static String series(Row row) {
        return row.predicted() ? row.series() + " (prediction)" : row.series();
    }
}
