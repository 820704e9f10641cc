package dev.peregrine.dataplane.offload;

import dev.peregrine.dataplane.packet.Packet;

/**
 * The content of a message that a socket with {@code UDP_GRO} received with a segment size. The size is that of
 * datagrams which the kernel merged. Where a tunnel's end on the same kernel sent a superframe of inner UDP datagrams,
 * it is that of the inner datagrams.
 *
 * <p>All bytes behind the first tunnel header may be a workload's: it may send a superframe whose payload has a tunnel
 * header of another network just where the second datagram would begin, or a datagram whose IP length covers those that
 * the kernel merges behind it. It may also rewrite the inner headers of a superframe that its kernel made and trusts
 * ({@code CAP_NET_ADMIN}). So the class trusts nothing in the inner frame, neither lengths nor protocols. Datagrams
 * with the header of the first stay in its network under either reading.
 */
enum MergedMessage {
    /** Datagrams, one tunnel header each. */
    DATAGRAMS,
    /** One tunnel header and one superframe. */
    FRAME,
    /** Datagrams of several networks, or a superframe that looks like them; neither may be delivered. */
    AMBIGUOUS;

    /** Judges a message whose head is the first piece, and whose fragments are the others, end to end. */
    static MergedMessage of(Packet message, TunnelHeaders headers) {
        if (areAllEqual(message)) {
            return DATAGRAMS;
        }
        if (message.headLength() < TunnelHeaders.LENGTH) {
            return FRAME;
        }
        long first = message.getLong(0);
        boolean areHeaders = true;
        boolean areOfOneNetwork = true;
        for (int i = 0; i < message.sliceCount(); i++) {
            if (!holdsHeader(message, i)) {
                return FRAME;
            }
            long header = header(message, i);
            areHeaders &= headers.isHeader(header);
            areOfOneNetwork &= headers.isSameNetwork(first, header);
        }
        return areOfOneNetwork ? DATAGRAMS : areHeaders ? AMBIGUOUS : FRAME;
    }

    /** Whether all pieces begin with the same tunnel header. */
    private static boolean areAllEqual(Packet message) {
        int last = message.sliceCount() - 1;
        if (message.headLength() < TunnelHeaders.LENGTH || !holdsHeader(message, last)) {
            return false;
        }
        long differences = 0;
        long first = message.getLong(0);
        for (int i = 0; i <= last; i++) {
            differences |= header(message, i) ^ first;
        }
        return differences == 0;
    }

    private static boolean holdsHeader(Packet message, int fragment) {
        return message.sliceLength(fragment) >= TunnelHeaders.LENGTH;
    }

    private static long header(Packet message, int fragment) {
        return message.getLong((int) (message.sliceOffset(fragment) - message.offset()));
    }
}
