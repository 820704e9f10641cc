package dev.peregrine.bench.wire.report;

import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.report.Numbers;
import dev.peregrine.bench.report.Summary;
import java.util.Optional;

/**
 * The medians of two contenders side by side: their ratio or, of shares in percent, their difference, since a share may
 * be nothing.
 *
 * @param unit of {@code value}: × or points
 * @param overlaps whether the ranges of both have values in common, so that the medians may differ by chance
 */
record Comparison(double value, String unit, boolean overlaps) {
    /** Marks values that {@linkplain #overlaps overlap}. */
    static final String MARK = "≈";

    private static final String TIMES = "×";
    private static final String POINTS = "points";

    /** Empty where the ratio to nothing would be asked for. */
    static Optional<Comparison> of(Metric metric, Summary one, Summary other) {
        boolean overlaps = one.min() <= other.max() && other.min() <= one.max();
        return of(metric, one.median(), other.median()).map(value -> new Comparison(value, unit(metric), overlaps));
    }

    /** A value against another one in the metric's way; empty where the ratio to nothing would be asked for. */
    static Optional<Double> of(Metric metric, double one, double other) {
        if (metric.isShare()) {
            return Optional.of(one - other);
        }
        return other > 0 ? Optional.of(one / other) : Optional.empty();
    }

    /** The unit of such a comparison. */
    static String unit(Metric metric) {
        return metric.isShare() ? POINTS : TIMES;
    }

    /** As in "1.31", "0.980 ≈" and "+2.50 points". */
    String text() {
        String number = unit.equals(TIMES) ? Numbers.text(value) : signed() + " " + unit;
        return overlaps ? number + " " + MARK : number;
    }

    private String signed() {
        return (value > 0 ? "+" : "") + Numbers.text(value);
    }
}
