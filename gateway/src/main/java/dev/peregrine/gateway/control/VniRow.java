package dev.peregrine.gateway.control;

/**
 * A row of {@code vni list}.
 *
 * @param mtu in use, in bytes of inner IP packet
 * @param ageingSeconds 0: entries never age
 * @param ports how many
 * @param flood remote VTEPs, with spaces between
 */
public record VniRow(
        int vni,
        int mtu,
        boolean learning,
        long ageingSeconds,
        int fdbEntries,
        int fdbLimit,
        int ports,
        String flood) {}
