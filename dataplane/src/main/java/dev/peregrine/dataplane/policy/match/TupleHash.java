package dev.peregrine.dataplane.policy.match;

import dev.peregrine.dataplane.header.Mix;

/** The bits of a frame's fields that a {@link Tuple} names, hashed. */
final class TupleHash {
    private static final long NOT_ZERO = 1L << 32;
    private static final long C3 = 0xbf58_476d_1ce4_e5b9L;
    private static final long C4 = 0x94d0_49bb_1331_11ebL;
    private static final long C6 = 0xa076_1d64_78bd_642fL;

    private final long addresses;
    private final long sourceLow;
    private final long destinationHigh;
    private final long destinationLow;
    private final long ends;
    private final long sourceMac;
    private final long destinationMac;
    private final boolean wide;
    private final boolean macs;

    TupleHash(Tuple tuple) {
        boolean ipv4 = tuple.family() == 4;
        long sourceMask = Network.maskHigh(tuple.source());
        long destinationMask = Network.maskHigh(tuple.destination());
        addresses = ipv4 ? sourceMask | destinationMask >>> 32 : sourceMask;
        sourceLow = Network.maskLow(tuple.source());
        destinationHigh = ipv4 ? 0 : destinationMask;
        destinationLow = Network.maskLow(tuple.destination());
        ends = tuple.endsMask();
        sourceMac = tuple.sourceMac() ? -1 : 0;
        destinationMac = tuple.destinationMac() ? -1 : 0;
        wide = (sourceLow | destinationHigh | destinationLow) != 0;
        macs = (sourceMac | destinationMac) != 0;
    }

    /** The hash of a frame; its upper half is never 0. */
    long hash(FrameFields frame) {
        long word = frame.family == 4 ? frame.sourceHigh | frame.destinationHigh >>> 32 : frame.sourceHigh;
        long hash = (word & addresses) * Mix.GOLDEN + (frame.ends & ends) * Mix.FACTOR_1;
        if (wide) {
            hash += (frame.sourceLow & sourceLow) * Mix.FACTOR_2
                    + (frame.destinationHigh & destinationHigh) * C3
                    + (frame.destinationLow & destinationLow) * C4;
        }
        if (macs) {
            hash += (frame.sourceMac & sourceMac) * Mix.FACTOR_3 + (frame.destinationMac & destinationMac) * C6;
        }
        hash = (hash ^ (hash >>> 32)) * Mix.FACTOR_1;
        return (hash ^ (hash >>> 29)) | NOT_ZERO;
    }
}
