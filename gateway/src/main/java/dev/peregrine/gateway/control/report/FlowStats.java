package dev.peregrine.gateway.control.report;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The flow caches of all workers together; packets are wire packets.
 *
 * @param stale look-ups that found a decision older than a change of tables
 * @param bypasses packets that the cache is not for: fragments, TCP segments that open or close, and the like
 * @param shadow n when one of n hits is compared with the slow path; 0 for none
 * @param mismatches packets whose comparison has shown a difference: a bug
 * @param kernelFlows flows that pass in the kernel
 * @param kernelPackets packets that have passed in the kernel, which are no hits
 * @param kernelLeft packets that programs in the kernel left to the gateway, or dropped, by the reason
 * @param kernelReason why none does; null when some may
 */
public record FlowStats(
        long entries,
        long capacity,
        long hits,
        long misses,
        long inserts,
        long evictions,
        long stale,
        long bypasses,
        boolean enabled,
        int shadow,
        long compared,
        long mismatches,
        long kernelFlows,
        long kernelPackets,
        Map<String, Long> kernelLeft,
        @Nullable String kernelReason) {}
