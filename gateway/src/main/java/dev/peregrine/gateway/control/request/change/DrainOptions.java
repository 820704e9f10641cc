package dev.peregrine.gateway.control.request.change;

/**
 * Whether to drain.
 *
 * @param off to end draining
 */
public record DrainOptions(boolean off) {}
