package dev.peregrine.bench.report;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A median and the range in which it would lie in 95 of 100 repetitions, by the bootstrap: from the percentiles of the
 * medians of samples drawn from the sample. It says no more than the rounds do: with three of them it is hardly wider
 * than their range.
 *
 * @param low the lower bound at 2.5%
 * @param high the upper bound at 97.5%
 */
public record Interval(double median, double low, double high) {
    private static final int DRAWS = 2000;
    /** The same values always give the same interval. */
    private static final long SEED = 0x5065_7265;

    private static final double TAIL = 0.025;

    /** Of at least one value. */
    public static Interval of(List<Double> values) {
        SplittableRandom random = new SplittableRandom(SEED);
        double[] medians = new double[DRAWS];
        double[] drawn = new double[values.size()];
        for (int draw = 0; draw < DRAWS; draw++) {
            for (int i = 0; i < drawn.length; i++) {
                drawn[i] = values.get(random.nextInt(drawn.length));
            }
            Arrays.sort(drawn);
            medians[draw] = Summary.median(drawn);
        }
        Arrays.sort(medians);
        int low = (int) (TAIL * (DRAWS - 1));
        return new Interval(Summary.of(values).median(), medians[low], medians[DRAWS - 1 - low]);
    }

    /** As in "2.31 [2.25, 2.4]". */
    public String text() {
        return Numbers.text(median) + " [" + Numbers.text(low) + ", " + Numbers.text(high) + "]";
    }
}
