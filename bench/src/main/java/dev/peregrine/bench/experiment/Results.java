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
import java.util.function.Function;

/** The measurements so far, and those that could not be taken. */
public final class Results {
    private final List<Sample> samples = new ArrayList<>();
    private final Map<String, String> failures = new LinkedHashMap<>();

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

    /** All, in the order of their measurement. */
    public List<Sample> samples() {
        return Collections.unmodifiableList(samples);
    }

    /** Those of a case: one a round. */
    public List<Sample> samples(String point, String series) {
        return samples.stream()
                .filter(sample ->
                        sample.point().equals(point) && sample.series().equals(series))
                .toList();
    }

    /** The points in order. */
    public List<String> points() {
        return distinct(Sample::point);
    }

    /** The series in order. */
    public List<String> series() {
        return distinct(Sample::series);
    }

    private List<String> distinct(Function<Sample, String> part) {
        return samples.stream().map(part).distinct().toList();
    }

    /** Rounds so far. */
    public int rounds() {
        return samples.stream().mapToInt(Sample::round).max().orElse(0);
    }

    /** The values of a metric in each round that has it. */
    public List<Double> values(String point, String series, String metric) {
        return samples(point, series).stream()
                .map(sample -> sample.metrics().get(metric))
                .filter(Objects::nonNull)
                .toList();
    }

    /** Empty if nothing was measured. */
    public Optional<Double> median(String point, String series, String metric) {
        return summary(point, series, metric).map(Summary::median);
    }

    /** Empty if nothing was measured. */
    public Optional<Summary> summary(String point, String series, String metric) {
        List<Double> values = values(point, series, metric);
        return values.isEmpty() ? Optional.empty() : Optional.of(Summary.of(values));
    }

    /** Empty if nothing was measured. */
    public Optional<Cell> cell(String point, String series, String metric) {
        List<Double> values = values(point, series, metric);
        return values.isEmpty()
                ? Optional.empty()
                : Optional.of(new Cell(point, series, metric, Summary.of(values), Interval.of(values), false));
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
        Map<Integer, Double> others = byRound(versusPoint, versusSeries, metric);
        List<Double> ratios = new ArrayList<>();
        byRound(point, series, metric).forEach((round, value) -> {
            double other = others.getOrDefault(round, 0.0);
            if (other > 0) {
                ratios.add(value / other);
            }
        });
        return ratios.isEmpty() ? Optional.empty() : Optional.of(Interval.of(ratios));
    }

    private Map<Integer, Double> byRound(String point, String series, String metric) {
        Map<Integer, Double> values = new LinkedHashMap<>();
        for (Sample sample : samples(point, series)) {
            Double value = sample.metrics().get(metric);
            if (value != null) {
                values.putIfAbsent(sample.round(), value);
            }
        }
        return values;
    }
}
