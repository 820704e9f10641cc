package dev.peregrine.gateway.control.report;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code port list}. Receiving and sending are the gateway's: rx is what came out of the endpoint.
 *
 * @param type {@code tap}, {@code interface} or {@code socket}
 * @param device of a TAP or interface; null for a socket
 * @param mac null where the port has none of its own
 * @param state {@code up}, {@code waiting} (for its namespace, for its device, or for its device to be up) or {@code
 *     failed}
 * @param reason why it is not up, and what to do; null when it is
 * @param mtu that frames to the port are held to
 * @param netns as configured; null: the gateway's own
 * @param addresses of the device as the system has them, IPv6 link-local ones left out, with spaces between; of a
 *     socket the address and UDP port that it listens at; empty without any, or without the device
 * @param link {@code up} or {@code down}, of the device as the system has it; null without one
 * @param linkMtu of the device as the system has it; null without one
 * @param problem the difference between the device and its configuration, or the last that was put back; of a socket
 *     that nobody receives, or that replies are not received from everywhere; null without one
 * @param lastError why its device or application refused a frame last, as {@code EIO (input/output error)}; null
 *     without any since it is up
 * @param fdbEntries learned MACs behind it
 * @param fdbRefused MACs behind it that were not learned because of a limit; each sighting counts
 */
public record PortRow(
        String name,
        int vni,
        String type,
        String state,
        @Nullable String link,
        @Nullable String device,
        @Nullable String mac,
        long rxPackets,
        long txPackets,
        long rxBytes,
        long txBytes,
        @Nullable String netns,
        int mtu,
        @JsonOnly @Nullable Integer linkMtu,
        int fdbEntries,
        long fdbRefused,
        @Nullable String lastError,
        @Nullable String problem,
        @Nullable String reason,
        String addresses) {}
