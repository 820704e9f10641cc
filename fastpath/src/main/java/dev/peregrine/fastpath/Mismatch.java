package dev.peregrine.fastpath;

/**
 * A packet that the fast path would not have sent as the chain did.
 *
 * @param what what differs
 * @param chain the head of the packet as the chain sent it; empty when it did not
 * @param fastPath the head as the fast path would have sent it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Mismatch(String what, byte[] chain, byte[] fastPath) {}
