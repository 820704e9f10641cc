package dev.peregrine.fastpath.kernel.table;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * The chain's decision about a flow, as far as the tier repeats it.
 *
 * @param since the epoch before the walk
 * @param segment its segment's index
 * @param ifindex the exit: the outer end of a port's veth pair, the helper device, or the underlay's device where
 *     programs encapsulate
 * @param limit the longest frame that passes, without tunnel headers
 * @param watch the number of the state word that the decision rests on, 0 for none
 * @param seen what the walk left in it
 * @param mask the bits of that word that must be as seen
 * @param until when the state ends unless {@link KernelFlows#renew} says otherwise, by {@link System#nanoTime}
 * @param vni the VNI that the flow goes to; meaningless without {@code remote}
 * @param remote the VTEP that the flow goes to; null for a flow to a local port
 * @param sourcePort outer source port of a flow that a program encapsulates, 1 to 65535; 0 otherwise
 */
public record KernelDecision(
        long since,
        int segment,
        int ifindex,
        int limit,
        int watch,
        long seen,
        long mask,
        long until,
        int vni,
        @Nullable InetAddress remote,
        int sourcePort) {
    /** All bits of a word. */
    private static final long ALL = -1;

    /** A decision for the helper device, which chooses source ports by itself. */
    public KernelDecision(
            long since,
            int segment,
            int ifindex,
            int limit,
            int watch,
            long seen,
            int vni,
            @Nullable InetAddress remote) {
        this(since, segment, ifindex, limit, watch, seen, ALL, Long.MAX_VALUE, vni, remote, 0);
    }

    /** A flow from the tunnel to a local port, without a state. */
    public static KernelDecision toPort(long since, int segment, int ifindex, int limit) {
        return new KernelDecision(since, segment, ifindex, limit, 0, 0, 0, null);
    }

    /** A flow from a local port to a VTEP, without a state. */
    public static KernelDecision toTunnel(long since, int segment, int helper, int limit, int vni, InetAddress remote) {
        return new KernelDecision(since, segment, helper, limit, 0, 0, vni, remote);
    }

    /** This decision with a state that it rests on: the number of its word, and what the walk left in it. */
    public KernelDecision watching(int word, long left) {
        return watching(word, left, ALL, Long.MAX_VALUE);
    }

    /** The same, where only some bits of the word count, and the state ends at a time. */
    public KernelDecision watching(int word, long left, long bits, long end) {
        return new KernelDecision(since, segment, ifindex, limit, word, left, bits, end, vni, remote, sourcePort);
    }

    /** Whether it holds by what is in its state word. */
    boolean restsOn(long word) {
        return ((word ^ seen) & mask) == 0;
    }

    /** This decision with a source port, for a program that encapsulates. */
    public KernelDecision from(int port) {
        if (port < 1 || port > 0xffff) {
            throw new IllegalArgumentException("source port " + port + " is not within 1 to 65535");
        }
        return new KernelDecision(since, segment, ifindex, limit, watch, seen, mask, until, vni, remote, port);
    }
}
