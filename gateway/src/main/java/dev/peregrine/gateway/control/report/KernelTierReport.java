package dev.peregrine.gateway.control.report;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's tier of the flow cache.
 *
 * @param wanted whether fastpath.kernel is not off
 * @param enabled whether known flows may pass in the kernel now
 * @param reason why they may not, or which of them; null when all may
 * @param cure a command or a setting that removes the reason; empty where there is none
 * @param flows in the kernel now
 * @param packets wire packets that have passed in the kernel
 * @param left wire packets that programs left to the gateway, or dropped, by the reason
 * @param helper the VXLAN device of the kernel that has the tunnel's port; null for none
 * @param helperReason why there is none; null where there is one
 */
public record KernelTierReport(
        boolean wanted,
        boolean enabled,
        @Nullable String reason,
        String cure,
        long flows,
        long packets,
        Map<String, Long> left,
        @Nullable String helper,
        @Nullable String helperReason) {}
