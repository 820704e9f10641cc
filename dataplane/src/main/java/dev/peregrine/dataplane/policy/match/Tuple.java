package dev.peregrine.dataplane.policy.match;

/**
 * The leading bits of a frame's fields that a {@link TupleTable} hashes. The coarse lengths keep the number of tables
 * small for any prefixes and ranges of the rules: a comparison with the rule distinguishes frames that a shorter prefix
 * does not (as in TupleMerge, Daly et al. 2019).
 *
 * @param family 4, 6, or 0 for frames that are not IP
 * @param source bits of the source address
 * @param destination bits of the destination address
 * @param sourcePort bits of the source port, 0 to 16
 * @param destinationPort bits of the destination port, 0 to 16
 * @param sourceMac whether the source MAC address counts
 * @param destinationMac whether the destination MAC address counts
 */
record Tuple(
        int family,
        int source,
        int destination,
        int sourcePort,
        int destinationPort,
        boolean sourceMac,
        boolean destinationMac) {
    private static final int[] LENGTHS_4 = {24, 16};
    private static final int[] LENGTHS_6 = {64, 48};
    private static final int[] PORT_LENGTHS = {16};

    /** The tuple of shorter prefixes that this one shares with many others. */
    Tuple coarse() {
        int[] lengths = family == 4 ? LENGTHS_4 : LENGTHS_6;
        return new Tuple(
                family,
                shorten(source, lengths),
                shorten(destination, lengths),
                shorten(sourcePort, PORT_LENGTHS),
                shorten(destinationPort, PORT_LENGTHS),
                sourceMac,
                destinationMac);
    }

    /** The bits of {@link FrameFields#ends} that count. */
    long endsMask() {
        return (portMask(sourcePort) << 32) | portMask(destinationPort);
    }

    private static long portMask(int length) {
        return 0xffff & -1L << (16 - length);
    }

    /** The bits of {@link FrameFields#hosts} that count. */
    long hostsMask() {
        return (hostMask(source) << 32) | (hostMask(destination) & 0xffff_ffffL);
    }

    private long hostMask(int length) {
        return family == 6 ? Network.maskLow(length) : Network.maskHigh(length) >> 32;
    }

    private static int shorten(int length, int[] lengths) {
        for (int shorter : lengths) {
            if (length >= shorter) {
                return shorter;
            }
        }
        return 0;
    }
}
