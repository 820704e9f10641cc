package dev.peregrine.bench.wire.report;

import dev.peregrine.bench.experiment.Cell;
import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.experiment.Sample;
import dev.peregrine.bench.report.Summary;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.row.Row;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Results by mode, row and contender: a mode's row is a point, a contender is a series. */
record Measured(Results results) {
    /** One a round. */
    List<Sample> samples(Mode mode, Row row, Contender contender) {
        return results.samples(Wire.point(mode, row), contender.id());
    }

    /** Empty if nothing was measured. */
    Optional<Summary> summary(Mode mode, Row row, Contender contender, String metric) {
        return results.summary(Wire.point(mode, row), contender.id(), metric);
    }

    /** Of the row's own metric. */
    Optional<Summary> summary(Mode mode, Row row, Contender contender) {
        return summary(mode, row, contender, row.metric().name());
    }

    /** Of the row's own metric. */
    Optional<Cell> cell(Mode mode, Row row, Contender contender) {
        return results.cell(Wire.point(mode, row), contender.id(), row.metric().name());
    }

    /** All metrics that were measured. */
    Map<String, Summary> metrics(Mode mode, Row row, Contender contender) {
        Map<String, Summary> metrics = new LinkedHashMap<>();
        samples(mode, row, contender).stream()
                .flatMap(sample -> sample.metrics().keySet().stream())
                .distinct()
                .forEach(metric ->
                        summary(mode, row, contender, metric).ifPresent(summary -> metrics.put(metric, summary)));
        return metrics;
    }

    /** Empty where one of the sides was not measured. */
    Optional<Comparison> compare(Mode mode, Row row, Contender contender, Contender versus) {
        return summary(mode, row, contender)
                .flatMap(one -> summary(mode, row, versus).flatMap(other -> Comparison.of(row.metric(), one, other)));
    }
}
