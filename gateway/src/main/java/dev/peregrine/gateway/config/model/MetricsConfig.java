package dev.peregrine.gateway.config.model;

/**
 * How many series the metrics have.
 *
 * @param ports whether each port has some of its own
 * @param vteps the most remote VTEPs that have some of their own
 */
public record MetricsConfig(boolean ports, int vteps) {}
