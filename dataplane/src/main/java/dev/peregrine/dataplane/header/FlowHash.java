package dev.peregrine.dataplane.header;

/**
 * The arithmetic of the flow hash: 128-bit products of two values, whose halves are folded together, so that bits of
 * both factors reach all bits; the second product is for values that differ in a few low bits, as ports do. It steers
 * and spreads, and keeps nobody from choosing flows that collide.
 */
final class FlowHash {
    private FlowHash() {}

    /** Takes one more value into an unfinished hash. */
    static long mix(long hash, long value) {
        return Mix.fold(hash ^ Mix.GOLDEN, value ^ Mix.FACTOR_1);
    }

    /** Ports and protocol as one value. */
    static long ends(int protocol, int ports) {
        return ((ports & 0xffff_ffffL) << 8) | protocol;
    }

    /** The hash of two values, never 0. */
    static int of(long addresses, long ends) {
        long hash = Mix.fold(mix(addresses, ends), Mix.FACTOR_2);
        int folded = (int) (hash ^ (hash >>> 32));
        return folded == 0 ? 1 : folded;
    }
}
