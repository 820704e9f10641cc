package dev.peregrine.gateway.control.report.policy;

import dev.peregrine.gateway.control.report.JsonOnly;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code state list}: a flow that a policy with {@code replies} has let pass. The source is the end that sent
 * the first packet.
 *
 * @param port whose policy it was; null for that of the VNI
 * @param direction {@code in} if the first packet was about to enter the bridge, {@code out} if it was about to leave
 *     it
 * @param sourcePort of an echo its identifier
 * @param state {@code syn_sent}, {@code syn_received}, {@code established}, {@code half_closed}, {@code closed},
 *     {@code reset} or {@code picked_up} of TCP; {@code unreplied} or {@code replied} of others; {@code fragments}: the
 *     later fragments of a datagram
 * @param assured whether no new flow may take its place
 * @param expiresSeconds after how much more silence it is forgotten
 */
public record StateRow(
        int vni,
        @Nullable String port,
        String direction,
        String protocol,
        String source,
        int sourcePort,
        String destination,
        int destinationPort,
        @JsonOnly String sourceMac,
        @JsonOnly String destinationMac,
        String state,
        boolean assured,
        long idleSeconds,
        long expiresSeconds) {}
