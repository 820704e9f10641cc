package dev.peregrine.vxlan.underlay;

/**
 * Whether an offload is in use.
 *
 * @param name as in the configuration: {@code gro}, {@code gso}
 * @param reason why, in a few words for users
 */
public record Offload(String name, boolean enabled, String reason) {}
