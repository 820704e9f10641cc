package dev.peregrine.gateway.control.report;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code fdb list}: a MAC address behind a local port or a remote VTEP.
 *
 * @param port null for an entry behind a VTEP
 * @param vtep null for an entry behind a port
 * @param state {@code dynamic} or {@code static}
 * @param ageSeconds since a frame from the address was last seen; 0 for a static entry
 * @param sticky whether a dynamic entry stays where it is when the address shows up elsewhere
 */
public record FdbRow(
        String mac,
        int vni,
        @Nullable String port,
        @Nullable String vtep,
        String state,
        long ageSeconds,
        boolean sticky) {}
