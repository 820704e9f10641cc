package dev.peregrine.fastpath;

import java.net.InetAddress;
import java.net.UnknownHostException;
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
        boolean current) {
    static FlowEntry of(FlowDecisions flows, int entry, int segment, boolean current) {
        long macs = flows.key(entry, 1);
        long rest = flows.key(entry, 2);
        long ends = flows.key(entry, 3);
        boolean ipv6 = FlowKey.isIpv6(ends);
        ByteBuffer addresses = ByteBuffer.allocate(4 * Long.BYTES);
        for (int i = 0; i < 4; i++) {
            addresses.putLong(flows.key(entry, 4 + i));
        }
        int length = ipv6 ? 16 : 4;
        return new FlowEntry(
                segment,
                FlowKey.inPort(ends),
                (int) flows.decision(entry, FlowDecisions.WHERE),
                macs >>> 16,
                ((macs & 0xffff) << 32) | (rest >>> 32),
                address(addresses, 0, length),
                address(addresses, length, length),
                (int) ends & 0xff,
                (int) (ends >>> 32),
                flows.decision(entry, FlowDecisions.PACKETS),
                flows.decision(entry, FlowDecisions.BYTES),
                flows.decision(entry, FlowDecisions.BORN_NANOS),
                flows.decision(entry, FlowDecisions.USED_NANOS),
                current);
    }

    private static InetAddress address(ByteBuffer from, int at, int length) {
        byte[] bytes = new byte[length];
        from.get(at, bytes);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("four or sixteen bytes are an address", e);
        }
    }
}
