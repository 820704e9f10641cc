package dev.peregrine.bench.experiment;

import dev.peregrine.bench.report.Check;
import dev.peregrine.bench.report.Picture;
import java.util.List;

/** A named measurement with a purpose: a service provider, made for every run. */
public interface Experiment {
    /** The name on the command line, such as {@code E1}. */
    String name();

    /** In a line. */
    String title();

    /** The figures that were published about it, and where; Markdown. Empty where there is nothing to compare with. */
    String published();

    /** The method, and its consequences for the figures; Markdown. */
    String method();

    /** The metrics of a case: the first is the one that progress shows. Each gets a table and a chart. */
    List<Metric> metrics();

    /**
     * Prepares the cases, in the order of points and then of series. Every round measures each case once.
     *
     * @throws InterruptedException if the user does not want to wait
     */
    List<Case> cases(Plan plan) throws InterruptedException;

    /**
     * Whether each case runs in a JVM of its own. For cases that run the same code in different ways, and are compared
     * by nanoseconds.
     */
    default boolean isForked() {
        return false;
    }

    /** Rows that are computed from measurements, not measured. */
    default List<Row> predictions(Results results) {
        return List.of();
    }

    /** The checks of its purpose, as far as it was measured. */
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
