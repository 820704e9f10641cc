package dev.peregrine.dataplane.policy.conntrack;

/**
 * SipHash-1-3 with 128 bits of output over 64-bit words (Aumasson and Bernstein, "SipHash: a fast short-input PRF",
 * 2012): without the key, no one can find inputs that collide or predict the set of a table that they go to.
 *
 * <p>Not thread-safe: every worker has its own.
 */
final class SipHash {
    private final long key0;
    private final long key1;
    private long v0;
    private long v1;
    private long v2;
    private long v3;
    private int words;
    private long first;
    private long second;

    SipHash(long key0, long key1) {
        this.key0 = key0;
        this.key1 = key1;
    }

    /** Begins a new input. */
    SipHash begin() {
        v0 = key0 ^ 0x736f6d6570736575L;
        v1 = key1 ^ 0x646f72616e646f6dL ^ 0xee;
        v2 = key0 ^ 0x6c7967656e657261L;
        v3 = key1 ^ 0x7465646279746573L;
        words = 0;
        return this;
    }

    /** Adds one more word: eight bytes of input in little-endian order. */
    SipHash add(long word) {
        words++;
        v3 ^= word;
        round();
        v0 ^= word;
        return this;
    }

    /** Ends the input: the result is there to be read. */
    void finish() {
        add((long) words << 59); // the length in bytes, modulo 256, in the last byte
        v2 ^= 0xee;
        first = threeRounds();
        v1 ^= 0xdd;
        second = threeRounds();
    }

    /** The first half of the result. */
    long first() {
        return first;
    }

    /** The second half of the result. */
    long second() {
        return second;
    }

    private long threeRounds() {
        round();
        round();
        round();
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private void round() {
        v0 += v1;
        v2 += v3;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 = Long.rotateLeft(v2, 32);
    }
}
