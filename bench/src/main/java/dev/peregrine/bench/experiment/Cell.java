package dev.peregrine.bench.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.bench.report.Interval;
import dev.peregrine.bench.report.Numbers;
import dev.peregrine.bench.report.Summary;

/**
 * A metric of a series at a point, over all rounds.
 *
 * @param predicted whether it was computed from other measurements rather than measured
 */
public record Cell(String point, String series, String metric, Summary summary, Interval interval, boolean predicted) {
    /** A value that was computed from other measurements. */
    public static Cell predicted(String point, String series, String metric, double value) {
        return new Cell(
                point, series, metric, new Summary(value, value, value, 0), new Interval(value, value, value), true);
    }

    /** The series as readers see it. */
    String title() {
        return predicted ? series + " (prediction)" : series;
    }

    /** As in "2.31 [2.25, 2.4] (2.2 to 2.5)"; a prediction is a number alone. */
    String text() {
        return predicted ? Numbers.text(summary.median()) : interval.text() + " " + summary.rangeText();
    }

    /** Adds the value to an object. */
    public void addTo(ObjectNode node, Metric of) {
        node.put("metric", of.name()).put("unit", of.unit());
        node.put("median", summary.median()).put("min", summary.min()).put("max", summary.max());
        node.put("low95", interval.low()).put("high95", interval.high());
        node.put("count", summary.count());
    }
}
