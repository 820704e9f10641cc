package dev.peregrine.gateway.control;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code port list}. Receiving and sending are the gateway's: rx is what came out of the endpoint.
 *
 * @param type {@code tap}, {@code interface} or {@code socket}
 * @param device of a TAP or interface; null for a socket
 * @param mac null where the port has none of its own
 * @param state {@code up}, {@code waiting} (for its namespace) or {@code failed}
 * @param reason why it is not up; null when it is
 * @param netns as configured; null: the gateway's own
 * @param addresses with spaces between; empty without any
 * @param lastError why its device refused a frame last, as {@code EIO (input/output error)}; null without any since it is up
 */
public record PortRow(
        String name,
        int vni,
        String type,
        @Nullable String device,
        @Nullable String mac,
        long rxPackets,
        long txPackets,
        long rxBytes,
        long txBytes,
        String state,
        @Nullable String reason,
        int mtu,
        @Nullable String netns,
        String addresses,
        @Nullable String lastError) {}
