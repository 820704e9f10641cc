package dev.peregrine.fastpath.kernel;

import static dev.peregrine.dataplane.bpf.Condition.ABOVE;
import static dev.peregrine.dataplane.bpf.Condition.NOT_EQUAL;
import static dev.peregrine.dataplane.bpf.Register.R1;
import static dev.peregrine.dataplane.bpf.Register.R10;
import static dev.peregrine.dataplane.bpf.Register.R2;
import static dev.peregrine.dataplane.bpf.Width.DOUBLE;

import dev.peregrine.dataplane.bpf.Assembler;
import dev.peregrine.dataplane.bpf.Label;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * This end of the tunnel, as programs have it in their instructions. A change of it wants other programs.
 *
 * @param local address that datagrams are sent to and from
 * @param port UDP port that they are sent to, 1 to 65535
 * @param checksum whether datagrams are sent with an outer UDP checksum
 * @param df whether they must not be fragmented; no meaning over IPv6
 * @param dscp outer DSCP, 0 to 63, or {@link #INHERIT}
 * @param ttl outer TTL or hop limit, 1 to 255, or {@link #INHERIT}
 * @param marksSurvive whether inner congestion experienced makes an outer one (RFC 6040); otherwise the outer one is
 *     ECT(0) (RFC 3168), as the kernel's VXLAN device has it
 */
public record TunnelEnd(
        InetAddress local, int port, boolean checksum, boolean df, int dscp, int ttl, boolean marksSurvive) {
    /** The value of {@link #dscp} and {@link #ttl} that takes the inner header's. */
    public static final int INHERIT = -1;

    private static final int ECN = 3;
    private static final int ECN_BITS = 2;
    private static final int ECT_0 = 2;

    /** Whether programs can put the headers on by themselves; otherwise the helper device does, or the flow walks. */
    public boolean canEncapsulate() {
        return !checksum;
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

    /** Loads register 1 with the outer TOS or traffic class, of the inner one; register 2 is lost. */
    void loadTos(Assembler a) {
        a.load(DOUBLE, R1, R10, Stack.TOS);
        if (!marksSurvive) {
            Label unmarked = a.label("unmarked");
            a.move(R2, R1).and(R2, ECN).jumpIf(R2, NOT_EQUAL, ECN, unmarked).xor(R1, ECN ^ ECT_0);
            a.place(unmarked);
        }
        if (dscp != INHERIT) {
            a.and(R1, ECN).or(R1, dscp << ECN_BITS);
        }
    }

    /** Loads register 1 with the outer TTL. An inner one of zero becomes one: zero cannot be sent. */
    void loadTtl(Assembler a) {
        if (ttl == INHERIT) {
            Label alive = a.label("alive");
            a.load(DOUBLE, R1, R10, Stack.TTL)
                    .jumpIf(R1, ABOVE, 0, alive)
                    .move(R1, 1)
                    .place(alive);
        } else {
            a.move(R1, ttl);
        }
    }
}
