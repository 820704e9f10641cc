package dev.peregrine.bench.experiment;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Something that is measured once in every round.
 *
 * @param point where on the experiment's x axis, such as {@code 64 B} or {@code 10 flows}
 * @param series which of the things that are compared
 */
public record Case(String point, String series, Measurement measurement) {
    /** How a case is measured. Each call stands for itself and leaves nothing running. */
    @FunctionalInterface
    public interface Measurement {
        /**
         * Measures for about {@code seconds}.
         *
         * @return the results, by the names of the experiment's metrics
         * @throws IOException if there is no result; the other cases go on
         * @throws InterruptedException if the user does not want to wait
         */
        Map<String, Double> measure(double seconds) throws IOException, InterruptedException;

        /** As {@link #measure}, and counts where packets were lost meanwhile, if anything can. */
        default Reading read(double seconds) throws IOException, InterruptedException {
            return new Reading(measure(seconds), Map.of());
        }

        /** Whether the case is measured before the first round, for nothing. */
        default boolean isWarmedUp() {
            return true;
        }

        /** Seconds that a measurement takes beyond its interval. */
        default double overheadSeconds() {
            return 0;
        }

        /** The metric that progress shows, if it is not the experiment's first. */
        default Optional<Metric> mainMetric() {
            return Optional.empty();
        }
    }

    /**
     * The result of one measurement.
     *
     * @param drops packets lost on the way, by place
     */
    public record Reading(Map<String, Double> metrics, Map<String, Long> drops) {}
}
