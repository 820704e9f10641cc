package dev.peregrine.gateway.control.report;

/**
 * A row of {@code vni list}.
 *
 * @param mtu in use, in bytes of inner IP packet
 * @param learning whether frames make FDB entries
 * @param ageingSeconds 0: entries never age
 * @param ports how many
 * @param flood remote VTEPs, with spaces between
 * @param fdbMoves how often a learned address showed up behind another port or VTEP
 * @param fdbRefused addresses that were not learned because of a limit; each sighting counts
 * @param fdbAged entries that went because they were silent
 * @param neighbours addresses that ARP and neighbour discovery are answered for when their hosts are remote
 * @param fdbLearned entries that learning made
 * @param neighboursRefused addresses that were not learned because of {@code fdbLimit}; each message counts
 * @param unknownUnicasts wire packets that were flooded because the FDB did not have their destination
 * @param groupFloods broadcast and multicast wire packets that were flooded
 * @param neighbourRequests ARP requests and neighbour solicitations that passed the bridge
 * @param neighbourReplies ARP replies and neighbour advertisements of hosts that passed
 * @param learningFrom which frames do: {@code all}, those of local {@code ports}, or {@code none}
 * @param neighbourAnswers requests that {@code suppressNeighbours} answered; they did not pass
 */
public record VniRow(
        int vni,
        int mtu,
        int ports,
        int fdbEntries,
        int fdbLimit,
        long fdbRefused,
        long fdbMoves,
        long unknownUnicasts,
        long groupFloods,
        int neighbours,
        long neighboursRefused,
        long neighbourRequests,
        long neighbourReplies,
        long neighbourAnswers,
        boolean learning,
        long ageingSeconds,
        @JsonOnly long fdbLearned,
        @JsonOnly long fdbAged,
        String flood,
        @JsonOnly String learningFrom) {}
