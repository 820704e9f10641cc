package dev.peregrine.bench.experiment;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.bench.report.Check;
import dev.peregrine.bench.report.Markdown;
import dev.peregrine.bench.report.Picture;
import java.util.List;
import java.util.Locale;

/**
 * A named measurement with a purpose: its cases, its checks, and how its results are shown. A service provider, made
 * for every run. A page of {@code docs/experiments} says what it asks, how it measures, and what came out.
 */
public abstract class Experiment {
    private final String name;
    private final String title;
    private final String page;
    private final List<Metric> metrics;

    /**
     * An experiment.
     *
     * @param name on the command line, such as {@code E1}
     * @param title in a line
     * @param page the page of {@code docs/experiments} that has a section of that name
     * @param metrics of a case: the first is the one that progress shows. Each gets a table and a chart
     */
    protected Experiment(String name, String title, String page, Metric... metrics) {
        this.name = name;
        this.title = title;
        this.page = page;
        this.metrics = List.of(metrics);
    }

    /** The name on the command line. */
    public final String name() {
        return name;
    }

    /** In a line. */
    public final String title() {
        return title;
    }

    /** The section that describes it, from the root of the project. */
    public final String page() {
        return "docs/experiments/" + page + ".md#" + name.toLowerCase(Locale.ROOT);
    }

    /** The metrics of a case. */
    public final List<Metric> metrics() {
        return metrics;
    }

    /**
     * Prepares the cases, in the order of points and then of series. Every round measures each case once.
     *
     * @throws InterruptedException if the user does not want to wait
     */
    public abstract List<Case> cases(Plan plan) throws InterruptedException;

    /**
     * Whether each case runs in a JVM of its own. For cases that run the same code in different ways, and are compared
     * by nanoseconds.
     */
    public boolean isForked() {
        return false;
    }

    /** Values that are computed from measurements, not measured. */
    public List<Cell> predictions(Results results) {
        return List.of();
    }

    /** The checks of its purpose, as far as it was measured. */
    public List<Check> checks(Results results) {
        return List.of();
    }

    /** The notes that a reader of these very figures needs; Markdown. */
    public List<String> notes(Results results) {
        return List.of();
    }

    /** The result in pictures. */
    public List<Picture> charts(Results results) {
        return new MetricTables(this, results).charts();
    }

    /** Adds the result in tables, and links to its pictures. */
    public void addTables(Markdown text, Results results) {
        new MetricTables(this, results).addTo(text);
    }

    /** Adds the result in objects, one for each series at each point. */
    public void addRows(ArrayNode rows, Results results) {
        new MetricTables(this, results).addTo(rows);
    }

    /** Says in an object which case it is about. */
    public void addNames(ObjectNode node, String point, String series) {
        node.put("point", point).put("series", series);
    }
}
