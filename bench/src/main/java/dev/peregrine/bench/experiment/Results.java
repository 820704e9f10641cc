package dev.peregrine.bench.experiment;

import dev.peregrine.bench.report.Interval;
import dev.peregrine.bench.report.Summary;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The measurements so far, and those that could not be taken. */
public final class Results {
    private final List<Case> cases;
    private final List<Sample> samples = new ArrayList<>();
    private final Map<String, String> failures = new LinkedHashMap<>();

    /** Nothing is measured yet. */
    public Results(List<Case> cases) {
        this.cases = List.copyOf(cases);
    }

    /** Adds a measurement. */
    public void add(Sample sample) {
        samples.add(sample);
    }

    /** Notes that something came to no result; the first reason stays. */
    public void fail(String what, String reason) {
        failures.putIfAbsent(what, reason);
    }

    /** Reasons by failed case. */
    public Map<String, String> failures() {
        return Collections.unmodifiableMap(failures);
    }

    /** The points in order. */
    public List<String> points() {
        return cases.stream().map(Case::point).distinct().toList();
    }

    /** The series in order. */
    public List<String> series() {
        return cases.stream().map(Case::series).distinct().toList();
    }

    /** Complete rounds so far. */
    public int rounds() {
        return samples.stream().mapToInt(Sample::round).max().orElse(0);
    }

    /** The values of a metric in each round that has it. */
    public List<Double> values(String point, String series, String metric) {
        return samples.stream()
                .filter(sample ->
                        sample.point().equals(point) && sample.series().equals(series))
                .map(sample -> sample.metrics().get(metric))
                .filter(Objects::nonNull)
                .toList();
    }

    /** Empty if nothing was measured. */
    public Optional<Double> median(String point, String series, String metric) {
        List<Double> values = values(point, series, metric);
        return values.isEmpty()
                ? Optional.empty()
                : Optional.of(Summary.of(values).median());
    }

    /** A line of the result; empty if nothing was measured. */
    public Optional<Row> row(String point, String series, String metric) {
        List<Double> values = values(point, series, metric);
        return values.isEmpty()
                ? Optional.empty()
                : Optional.of(new Row(point, series, metric, Summary.of(values), Interval.of(values), false));
    }

    /**
     * The ratio of one to the other, round by round: a drift from round to round is in both. Empty if there is no round
     * in which both were measured.
     */
    public Optional<Interval> ratio(String metric, String point, String series, String versus) {
        return ratio(metric, point, series, point, versus);
    }

    /** As {@link #ratio(String, String, String, String)}, between points. */
    public Optional<Interval> ratio(
            String metric, String point, String series, String versusPoint, String versusSeries) {
        List<Double> ratios = new ArrayList<>();
        for (int round = 1; round <= rounds(); round++) {
            Double one = value(round, point, series, metric);
            Double other = value(round, versusPoint, versusSeries, metric);
            if (one != null && other != null && other > 0) {
                ratios.add(one / other);
            }
        }
        return ratios.isEmpty() ? Optional.empty() : Optional.of(Interval.of(ratios));
    }

    private @Nullable Double value(int round, String point, String series, String metric) {
        return samples.stream()
                .filter(sample -> sample.round() == round
                        && sample.point().equals(point)
                        && sample.series().equals(series))
                .map(sample -> sample.metrics().get(metric))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }
}
