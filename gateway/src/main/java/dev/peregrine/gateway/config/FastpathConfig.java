package dev.peregrine.gateway.config;

/**
 * The flow cache.
 *
 * @param capacity entries per worker
 * @param shadow one of so many hits also takes the slow path and is compared; 0: none
 */
public record FastpathConfig(boolean enabled, int capacity, int shadow) {}
