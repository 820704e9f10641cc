package dev.peregrine.gateway.tier;

import org.jspecify.annotations.Nullable;

/**
 * The tier that has the packets of a flow now.
 *
 * @param inKernel whether programs know the flow
 * @param packets wire packets of it that have passed in the kernel since programs know it
 * @param usedNanos when the last of them passed, by the clock of {@link System#nanoTime}; meaningless without programs
 * @param reason why its packets visit the gateway; null where they pass in the kernel
 */
public record FlowTier(
        boolean inKernel,
        long packets,
        long usedNanos,
        @Nullable String reason) {
    static FlowTier inGateway(String reason) {
        return new FlowTier(false, 0, 0, reason);
    }
}
