package dev.peregrine.dataplane.header;

/**
 * The arithmetic of the flow hash: 128-bit products of two values, whose halves are folded together, so that bits of both
 * factors reach all bits; the second product is for values that differ in a few low bits, as ports do. It steers and
 * spreads, and keeps nobody from choosing flows that collide.
 */
final class FlowHash {
    private static final long SECRET_0 = 0x9e37_79b9_7f4a_7c15L;
    private static final long SECRET_1 = 0xff51_afd7_ed55_8ccdL;
    private static final long SECRET_2 = 0xc4ce_b9fe_1a85_ec53L;

    private FlowHash() {}

    /** Takes one more value into a hash under way. */
    static long mix(long hash, long value) {
        return fold(hash ^ SECRET_0, value ^ SECRET_1);
    }

    /** Ports and protocol as one value. */
    static long ends(int protocol, int ports) {
        return ((ports & 0xffff_ffffL) << 8) | protocol;
    }

    /** The hash of two values, never 0. */
    static int of(long addresses, long ends) {
        long hash = fold(mix(addresses, ends), SECRET_2);
        int folded = (int) (hash ^ (hash >>> 32));
        return folded == 0 ? 1 : folded;
    }

    private static long fold(long a, long b) {
        return a * b ^ Math.unsignedMultiplyHigh(a, b);
    }
}
