package dev.peregrine.gateway.control.report;

/**
 * A row of {@code flow list}: a flow in a worker's cache.
 *
 * @param protocol {@code tcp}, {@code udp} or {@code icmp}
 * @param sourcePort of an echo its identifier, as {@code destinationPort}
 * @param in where it comes in: {@code port NAME} or {@code vtep ADDRESS}
 * @param exit where it leaves
 * @param packets wire packets that took the fast path
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
        long ageSeconds,
        long idleSeconds,
        String state,
        String worker) {}
