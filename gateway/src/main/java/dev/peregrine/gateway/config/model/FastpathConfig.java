package dev.peregrine.gateway.config.model;

/**
 * The flow cache.
 *
 * @param capacity entries per worker
 * @param shadow n to have one of n hits take the slow path as well and be compared; 0 for none
 */
public record FastpathConfig(boolean enabled, int capacity, int shadow) {}
