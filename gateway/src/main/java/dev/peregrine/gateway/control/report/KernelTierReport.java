package dev.peregrine.gateway.control.report;

import org.jspecify.annotations.Nullable;

/**
 * The kernel's tier of the flow cache.
 *
 * @param enabled whether known flows may pass in the kernel now
 * @param reason why they may not, or which of them; null when all may
 * @param flows in the kernel now
 * @param packets wire packets that have passed in the kernel
 */
public record KernelTierReport(boolean enabled, @Nullable String reason, long flows, long packets) {}
