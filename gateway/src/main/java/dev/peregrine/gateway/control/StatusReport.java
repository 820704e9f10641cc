package dev.peregrine.gateway.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to {@code status}. Packets are wire packets: a superframe counts its segments.
 *
 * @param underlayMode {@code native} or {@code netty}, never {@code auto}
 * @param schedule the schedule in use, never {@code auto}
 * @param scheduleReason why this schedule
 * @param workers how many
 * @param rxPackets VXLAN datagrams received from the underlay
 * @param txPackets VXLAN datagrams sent to the underlay
 * @param drops packets dropped, of all reasons
 * @param state {@code ready}, {@code waiting} (for the underlay) or {@code draining}
 * @param local the local VTEP's address
 * @param port UDP port
 * @param underlayState {@code up} or {@code waiting}
 * @param underlayReason what the underlay waits for; null when it is up
 * @param fdbEntries of all VNIs
 */
public record StatusReport(
        String version,
        String underlayMode,
        String schedule,
        String scheduleReason,
        int workers,
        long rxPackets,
        long txPackets,
        long drops,
        String state,
        long uptimeSeconds,
        String local,
        int port,
        String underlayState,
        @Nullable String underlayReason,
        int fdbEntries,
        List<OffloadRow> offloads) {

    /** An offload, whether it is in use, and why or why not. */
    public record OffloadRow(String name, boolean enabled, String reason) {}
}
