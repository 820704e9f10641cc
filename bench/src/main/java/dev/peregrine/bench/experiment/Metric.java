package dev.peregrine.bench.experiment;

/**
 * What is measured.
 *
 * @param name the key in results, such as {@code mpps}
 * @param title as a person would say it
 */
public record Metric(String name, String title, String unit) {}
