package dev.peregrine.gateway.control.report;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code flow list}: a flow in a worker's cache.
 *
 * @param protocol {@code tcp}, {@code udp} or {@code icmp}
 * @param sourcePort of an echo its identifier, as {@code destinationPort}
 * @param in where it comes in: {@code port NAME} or {@code vtep ADDRESS}
 * @param exit where it leaves
 * @param packets wire packets that took the fast path
 * @param kernelPackets wire packets that have passed in the kernel, since it is there
 * @param tier {@code kernel} or {@code gateway}: where its packets pass
 * @param why why its packets visit the gateway; null where they pass in the kernel
 * @param state {@code current}, or {@code "stale"} when tables have changed since it was remembered
 */
public record FlowRow(
        int vni,
        String protocol,
        String source,
        int sourcePort,
        String destination,
        int destinationPort,
        @JsonOnly String sourceMac,
        @JsonOnly String destinationMac,
        String in,
        String exit,
        long packets,
        long bytes,
        long kernelPackets,
        long ageSeconds,
        long idleSeconds,
        String state,
        String worker,
        String tier,
        @Nullable String why) {}
