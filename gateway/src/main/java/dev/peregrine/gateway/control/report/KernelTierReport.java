package dev.peregrine.gateway.control.report;

import org.jspecify.annotations.Nullable;

/**
 * The kernel's tier of the flow cache.
 *
 * @param enabled whether known flows may pass in the kernel now
 * @param reason why they may not, or which of them; null when all may
 * @param flows in the kernel now
 * @param packets wire packets that have passed in the kernel
 * @param helper the VXLAN device of the kernel that has the tunnel's port; null for none
 * @param helperReason why there is none; null where there is one
 */
public record KernelTierReport(
        boolean enabled,
        @Nullable String reason,
        long flows,
        long packets,
        @Nullable String helper,
        @Nullable String helperReason) {}
