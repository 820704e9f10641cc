package dev.peregrine.gateway.tier;

import org.jspecify.annotations.Nullable;

/**
 * Judges, by what comes merged, whether the helper device is of use here: it makes superframes of TCP, and UDP that the
 * kernel merges in the tunnel is slower by it than datagrams that it merges outside. Belongs to the control thread.
 */
final class HelperUse {
    static final String MOSTLY_UDP =
            "most packets that come merged are UDP, which is faster without it (fastpath.helper: off), and TCP slower";

    /** Packets in a second below which they say nothing. */
    private static final long FEW = 10_000;

    /** Packets of merged UDP for each of TCP, from which on UDP decides. */
    private static final long MOSTLY = 4;

    /** Seconds with many packets, in a row, that change the judgement. */
    private static final int ENOUGH = 10;

    private long udpBefore;
    private long tcpBefore;
    private int against;
    private boolean isMostlyUdp;

    /**
     * Called once a second while there is a helper device.
     *
     * @param udp wire packets so far that came merged and went to the gateway
     * @param tcp wire packets so far that went to the device
     */
    void second(long udp, long tcp) {
        long moreUdp = udp - udpBefore;
        long moreTcp = tcp - tcpBefore;
        udpBefore = udp;
        tcpBefore = tcp;
        if (moreUdp + moreTcp < FEW) {
            return;
        }
        boolean isNow = moreUdp > MOSTLY * moreTcp;
        against = isNow == isMostlyUdp ? 0 : against + 1;
        if (against == ENOUGH) {
            isMostlyUdp = isNow;
            against = 0;
        }
    }

    /** For users; null where there is nothing to say. */
    @Nullable
    String advice() {
        return isMostlyUdp ? MOSTLY_UDP : null;
    }
}
