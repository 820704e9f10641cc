package dev.peregrine.gateway.control.report;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code neighbour list}: the MAC of an IP address in a VNI that answers ARP and neighbour discovery.
 *
 * @param port the local port that the MAC is behind; null if it is behind none
 * @param vtep the remote VTEP that the MAC is behind; null if it is behind none. Without port and VTEP the FDB does not
 *     have the MAC: requests for the address are flooded
 * @param state "static", "reachable" (requests are answered), "stale" (the next request asks the host itself) or
 *     "doubted" (requests are flooded until the host sends something)
 * @param ageSeconds since a message from the host was last seen; 0 for a static entry
 * @param origin who made the entry: {@code file}, {@code command}, {@code learned}, or the type of a control plane
 * @param plane the control plane; null for another origin
 */
public record NeighbourRow(
        String address,
        int vni,
        String mac,
        @Nullable String port,
        @Nullable String vtep,
        String state,
        long ageSeconds,
        String origin,
        @Nullable String plane) {}
