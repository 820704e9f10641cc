package dev.peregrine.bench.experiment;

import java.util.Map;

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
         * @throws InterruptedException if the user does not want to wait
         */
        Map<String, Double> measure(double seconds) throws InterruptedException;
    }
}
