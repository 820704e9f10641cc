package dev.peregrine.dataplane.header;

/**
 * The arithmetic that hashes of the data path have in common. Multipliers are odd and have about as many ones as zeros.
 */
public final class Mix {
    /** 2^64 over the golden ratio: the upper bits of a product with it depend on all bits below (Fibonacci hashing). */
    public static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    /** 2^32 over the golden ratio, to the next prime. */
    public static final int GOLDEN_32 = 0x9e37_79b1;

    /** Another multiplier. */
    public static final long FACTOR_1 = 0xff51_afd7_ed55_8ccdL;

    /** Another multiplier. */
    public static final long FACTOR_2 = 0xc4ce_b9fe_1a85_ec53L;

    /** Another multiplier. */
    public static final long FACTOR_3 = 0xd6e8_feb8_6659_fd93L;

    private Mix() {}

    /** Spreads the bits of a product by {@link #GOLDEN} over the upper half, and those over the lower one. */
    public static long finish(long hash) {
        return (hash ^ hash >>> 32) * FACTOR_3;
    }

    /** Both halves of the 128-bit product, folded: each bit of each factor reaches all bits. */
    public static long fold(long a, long b) {
        return a * b ^ Math.unsignedMultiplyHigh(a, b);
    }
}
