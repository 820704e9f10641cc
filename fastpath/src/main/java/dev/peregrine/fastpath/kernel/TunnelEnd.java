package dev.peregrine.fastpath.kernel;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * This end of the tunnel, as programs have it in their instructions. A change of it wants other programs.
 *
 * @param local address that datagrams are sent to and from
 * @param port UDP port that they are sent to, 1 to 65535
 * @param checksum whether datagrams over IPv4 are sent with an outer UDP checksum; over IPv6 they always are
 * @param df whether they must not be fragmented
 * @param dscp outer DSCP, 0 to 63, or {@link #INHERIT}
 * @param ttl outer TTL or hop limit, 1 to 255, or {@link #INHERIT}
 * @param marksSurvive whether inner congestion experienced makes an outer one (RFC 6040); otherwise the outer one is ECT(0)
 *     (RFC 3168), as the kernel's VXLAN device has it
 */
public record TunnelEnd(
        InetAddress local, int port, boolean checksum, boolean df, int dscp, int ttl, boolean marksSurvive) {
    /** The value of {@link #dscp} and {@link #ttl} that takes the inner header's. */
    public static final int INHERIT = -1;

    /** Whether programs can put the headers on by themselves; otherwise the helper device does, or the flow walks. */
    public boolean canEncapsulate() {
        return !isIpv6() && !checksum;
    }

    /** Whether the outer header is of IPv6. */
    boolean isIpv6() {
        return local instanceof Inet6Address;
    }

    /** Part {@code i} of the local address, 4 bytes, as a load of a word from the outer header gives it. */
    int localWord(int i) {
        return ByteBuffer.wrap(local.getAddress())
                .order(ByteOrder.nativeOrder())
                .getInt(i * Integer.BYTES);
    }
}
