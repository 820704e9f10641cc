package dev.peregrine.gateway.control.report;

/**
 * A row of {@code vni list}.
 *
 * @param mtu in use, in bytes of inner IP packet
 * @param ageingSeconds 0: entries never age
 * @param ports how many
 * @param flood remote VTEPs, with spaces between
 * @param fdbMoves how often a learned address showed up behind another port or VTEP
 * @param fdbRefused addresses that were not learned because of a limit; each sighting counts
 * @param fdbAged entries that went because they were silent
 * @param neighbours addresses that ARP and neighbour discovery are answered for when their hosts are remote
 * @param fdbLearned entries that learning made
 * @param neighboursRefused addresses that were not learned because of {@code fdbLimit}; each message counts
 */
public record VniRow(
        int vni,
        int mtu,
        boolean learning,
        long ageingSeconds,
        int fdbEntries,
        int fdbLimit,
        int ports,
        String flood,
        long fdbMoves,
        long fdbRefused,
        long fdbAged,
        int neighbours,
        long fdbLearned,
        long neighboursRefused) {}
