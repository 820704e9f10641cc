package dev.peregrine.gateway.control.request.change;

/**
 * How to reload.
 *
 * @param dryRun whether only to say what would change
 */
public record ReloadOptions(boolean dryRun) {}
