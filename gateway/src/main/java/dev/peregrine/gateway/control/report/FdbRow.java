package dev.peregrine.gateway.control.report;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code fdb list}: a MAC address behind a local port or a remote VTEP.
 *
 * @param port null for an entry behind a VTEP
 * @param vtep null for an entry behind a port
 * @param state {@code dynamic}, or {@code static}, as entries of control planes are, too
 * @param ageSeconds since a frame from the address was last seen; 0 for a static entry
 * @param sticky whether a dynamic entry stays where it is when the address shows up elsewhere; of a control
 *     plane, whether it stays where it is when it shows up at a local port
 * @param origin who made the entry: {@code file}, {@code port} (the port's own address), {@code command},
 *     {@code learned}, or the type of a control plane
 * @param plane the control plane; null for another origin
 * @param sequence of the control plane's claim (RFC 7432 section 7.7); null for another origin
 */
public record FdbRow(
        String mac,
        int vni,
        @Nullable String port,
        @Nullable String vtep,
        String state,
        long ageSeconds,
        boolean sticky,
        String origin,
        @Nullable String plane,
        @Nullable Long sequence) {}
