package dev.peregrine.bench.experiment;

import dev.peregrine.bench.report.Check;
import dev.peregrine.bench.report.Picture;
import java.util.List;

/** A named measurement that is meant to show something: a service provider, made anew for every run. */
public interface Experiment {
    /** The word on the command line, such as {@code E1}. */
    String name();

    /** In a line. */
    String title();

    /** The figures that were published about it, and where; Markdown. Empty where there is nothing to compare with. */
    String published();

    /** How it is measured here, and what that means for its figures; Markdown. */
    String method();

    /** The metrics of a case: the first is the one that progress shows. Each gets a table and a chart. */
    List<Metric> metrics();

    /**
     * Prepares what is measured, in the order of points and then of series. Every round measures each case once.
     *
     * @throws InterruptedException if the user does not want to wait
     */
    List<Case> cases(Plan plan) throws InterruptedException;

    /**
     * Whether each case runs in a JVM of its own. For cases that run the same code in different ways, and are compared by
     * nanoseconds.
     */
    default boolean isForked() {
        return false;
    }

    /** Rows that follow from what was measured without having been measured themselves. */
    default List<Row> predictions(Results results) {
        return List.of();
    }

    /** The checks of what it is meant to show, as far as it was measured. */
    default List<Check> checks(Results results) {
        return List.of();
    }

    /** The notes that a reader of these very figures needs; Markdown. */
    default List<String> notes(Results results) {
        return List.of();
    }

    /** The result in pictures. */
    default List<? extends Picture> charts(Results results) {
        return Charts.ofMetrics(this, results);
    }
}
