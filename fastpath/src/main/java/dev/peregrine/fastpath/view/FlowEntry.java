package dev.peregrine.fastpath.view;

import java.net.InetAddress;
import java.nio.ByteBuffer;

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
 * @param tagged whether its frames have a VLAN tag
 * @param states things beside tables that its decision rests on, such as the state of a connection
 * @param alone packets that came alone since it was last offered to the tier in the kernel; below 0 just after that
 * @param key the words of its key, big endian
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
        boolean tagged,
        int states,
        long alone,
        ByteBuffer key,
        boolean current) {}
