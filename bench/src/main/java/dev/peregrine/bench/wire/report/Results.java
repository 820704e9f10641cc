package dev.peregrine.bench.wire.report;

import dev.peregrine.bench.report.Summary;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.row.Row;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The measurements so far, and those that could not be taken. */
public final class Results {
    private final List<Sample> samples = new ArrayList<>();
    private final Map<String, String> failures = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();

    /** Adds a measurement. */
    public void add(Sample sample) {
        samples.add(sample);
    }

    /** Notes that something came to no result; the first reason stays. */
    public void fail(String what, String reason) {
        failures.putIfAbsent(what, reason);
    }

    /** Adds something that a reader has to know. */
    public void note(String sentence) {
        notes.add(sentence);
    }

    List<String> notes() {
        return List.copyOf(notes);
    }

    /** Reasons by failed part. */
    Map<String, String> failures() {
        return Collections.unmodifiableMap(failures);
    }

    /** Empty if nothing was measured. */
    Optional<Summary> summary(Mode mode, Row row, Contender contender, String metric) {
        List<Double> values = samples(mode, row, contender).stream()
                .map(sample -> sample.metrics().get(metric))
                .filter(Objects::nonNull)
                .toList();
        return values.isEmpty() ? Optional.empty() : Optional.of(Summary.of(values));
    }

    /** All metrics that were measured. */
    public Map<String, Summary> metrics(Mode mode, Row row, Contender contender) {
        Map<String, Summary> metrics = new LinkedHashMap<>();
        samples(mode, row, contender).stream()
                .flatMap(sample -> sample.metrics().keySet().stream())
                .distinct()
                .forEach(metric ->
                        summary(mode, row, contender, metric).ifPresent(summary -> metrics.put(metric, summary)));
        return metrics;
    }

    /** All, in the order of their measurement. */
    List<Sample> samples() {
        return Collections.unmodifiableList(samples);
    }

    /** One a round. */
    List<Sample> samples(Mode mode, Row row, Contender contender) {
        return samples.stream()
                .filter(sample -> sample.mode().equals(mode.id())
                        && sample.row().equals(row.id())
                        && sample.contender().equals(contender.id()))
                .toList();
    }

    /** Of the row's own metric. */
    Optional<Summary> summary(Mode mode, Row row, Contender contender) {
        return summary(mode, row, contender, row.metric());
    }

    /** Empty where one of the sides was not measured. */
    public Optional<Comparison> compare(Mode mode, Row row, Contender contender, Contender versus) {
        return summary(mode, row, contender)
                .flatMap(one -> summary(mode, row, versus).flatMap(other -> Comparison.of(row, one, other)));
    }
}
