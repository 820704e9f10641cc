package dev.peregrine.bench.report;

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
        return new Summary(median(sorted), sorted[0], sorted[sorted.length - 1], sorted.length);
    }

    /** Of at least one value, in ascending order. */
    static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** The median, then the least and the most: as in "2.31 (2.2 to 2.5)". */
    public String text() {
        return Numbers.text(median) + " " + rangeText();
    }

    /** As in "(2.2 to 2.5)". */
    public String rangeText() {
        return "(" + Numbers.text(min) + " to " + Numbers.text(max) + ")";
    }
}
