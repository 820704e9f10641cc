package dev.peregrine.controlplane.evpn;

import java.util.OptionalLong;

/**
 * Settings of the plane that works through GoBGP.
 *
 * @param name of the plane
 * @param api where gobgpd's API is
 * @param as number of the autonomous system in route targets, of which they have the low 16 bits; empty: gobgpd's own
 * @param maxMacs MAC addresses that the plane may have; above {@link #MANY_MACS} gobgpd's version has to be known
 */
public record GobgpSettings(String name, GobgpApi api, OptionalLong as, int maxMacs) {
    /** More MAC addresses than that take a gobgpd that is not quadratic in them. */
    public static final int MANY_MACS = 5_000;
}
