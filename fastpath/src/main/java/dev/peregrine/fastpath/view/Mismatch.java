package dev.peregrine.fastpath.view;

/**
 * A packet that the fast path would have sent differently from the chain.
 *
 * @param what the difference
 * @param chain the head of the packet as the chain sent it; empty when the chain did not send it
 * @param fastPath the head as the fast path would have sent it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Mismatch(String what, byte[] chain, byte[] fastPath) {}
