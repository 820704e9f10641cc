package dev.peregrine.dataplane.offload;

/**
 * Whether one offload is used, for users to see.
 *
 * @param name as users know it: {@code tso4}, {@code gso}
 * @param reason why it is not used; for one in use a remark, or an empty text
 */
public record Offload(String name, boolean enabled, String reason) {}
