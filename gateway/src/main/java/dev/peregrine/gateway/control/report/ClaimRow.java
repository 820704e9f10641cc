package dev.peregrine.gateway.control.report;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code control claims} or {@code control announced}: what a VTEP says is with it.
 *
 * @param kind {@code vtep}, {@code member} or {@code station}
 * @param vni null for a VTEP
 * @param mac null for what is no station
 * @param sequence mobility sequence number; null for what is no station
 * @param addresses of the station, with spaces between
 * @param standing {@code wins}, {@code loses}, {@code conflicts} (a local port has the MAC), {@code static} (a static
 *     entry is there) or {@code frozen}; {@code announced} for what this gateway announces
 * @param withdrawn whether the plane has taken it back, so that it counts only for a while
 */
public record ClaimRow(
        String plane,
        String kind,
        @Nullable Integer vni,
        @Nullable String mac,
        String vtep,
        @Nullable Long sequence,
        String addresses,
        String standing,
        boolean withdrawn) {}
