package dev.peregrine.bench.experiment;

/**
 * A measured quantity.
 *
 * @param name the key in results, such as {@code mpps}
 * @param title as a person would say it
 */
public record Metric(String name, String title, String unit) {}
