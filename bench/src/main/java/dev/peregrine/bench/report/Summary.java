package dev.peregrine.bench.report;

import java.util.Arrays;
import java.util.Collection;

/** The summary of repeated measurements of one thing. */
public record Summary(double median, double min, double max, int count) {
    /** Of at least one value. */
    public static Summary of(Collection<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("no values to sum up");
        }
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Summary(median, sorted[0], Arrays.stream(sorted).max().orElseThrow(), sorted.length);
    }
}
