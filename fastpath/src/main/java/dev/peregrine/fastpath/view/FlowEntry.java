package dev.peregrine.fastpath.view;

import java.net.InetAddress;

/**
 * A flow in the cache, for users.
 *
 * @param segment index of its segment
 * @param inPort the port that it comes in by, local or tunnel
 * @param outPort the port that it leaves by
 * @param protocol its IP protocol
 * @param ends source port and destination port; of an echo type and code, and the identifier; 16 bits each
 * @param packets wire packets that took the fast path
 * @param bytes wire bytes of them, without tunnel headers
 * @param bornNanos when it was inserted, by the batches' clock
 * @param usedNanos when its last packet came
 * @param current whether the next packet will take the fast path, by the tables of now
 */
public record FlowEntry(
        int segment,
        int inPort,
        int outPort,
        long destinationMac,
        long sourceMac,
        InetAddress source,
        InetAddress destination,
        int protocol,
        int ends,
        long packets,
        long bytes,
        long bornNanos,
        long usedNanos,
        boolean current) {}
