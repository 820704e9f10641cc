package dev.peregrine.fastpath;

import java.util.Arrays;

/**
 * The flows with a packet of the current batch that walks the chain, as a Bloom filter of flow hashes: later packets of
 * the batch must follow, or they would overtake it.
 */
final class FlowBloom {
    private static final int WORDS = 8;

    private final long[] bits = new long[WORDS];
    private boolean empty = true;

    void clear() {
        if (!empty) {
            Arrays.fill(bits, 0);
            empty = true;
        }
    }

    void add(int flowHash) {
        bits[(flowHash >>> 6) & (WORDS - 1)] |= 1L << flowHash;
        empty = false;
    }

    boolean has(int flowHash) {
        return !empty && (bits[(flowHash >>> 6) & (WORDS - 1)] & 1L << flowHash) != 0;
    }
}
