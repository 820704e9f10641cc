package dev.peregrine.bench.experiment;

import dev.peregrine.bench.report.Interval;
import dev.peregrine.bench.report.Summary;

/**
 * A line of the result: the value of a series at a point.
 *
 * @param predicted whether it was computed from other measurements rather than measured
 */
public record Row(String point, String series, String metric, Summary summary, Interval interval, boolean predicted) {
    /** A value that was computed from other measurements. */
    public static Row predicted(String point, String series, String metric, double value) {
        return new Row(
                point, series, metric, new Summary(value, value, value, 0), new Interval(value, value, value), true);
    }
}
