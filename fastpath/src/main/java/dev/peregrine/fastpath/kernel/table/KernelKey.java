package dev.peregrine.fastpath.kernel.table;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.peregrine.fastpath.FlowKey;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.function.IntToLongFunction;

/**
 * The key of a flow as the programs make it: the words of a {@link FlowKey} in network order, so that a program copies
 * them from the frame.
 *
 * <pre>
 *    0  VXLAN header as it is; 0 for a frame from a local port
 *    8  destination MAC (6), source MAC (6), EtherType, VLAN tag or 0
 *   24  ports, or type, code and identifier of an echo
 *   28  IPv6? (1 bit), ingress (23 bits), protocol
 *   32  source and destination: IPv4 8 bytes and zeros, IPv6 32 bytes
 * </pre>
 *
 * <p>The ingress is the one field that a program cannot read from the frame. For a frame from a local port it is the
 * number of the interface (ifindex) that it came in by, which the control side puts in place of the port. For a frame
 * from the tunnel it is the VTEP's tunnel port, which the program finds in {@link KernelTables#vteps} by the outer
 * source address. A VXLAN header that is not 0 tells the two apart.
 */
public final class KernelKey {
    /** Bytes of a key. */
    public static final int SIZE = 64;

    /** Offsets, as above. */
    public static final int TUNNEL = 0;

    public static final int VNI = 4;
    public static final int MACS = 8;
    public static final int REST = 16;
    public static final int TYPE = 20;
    public static final int TAG = 22;
    public static final int ENDS = 24;
    public static final int INGRESS = 28;
    public static final int PROTOCOL = 31;
    public static final int ADDRESSES = 32;

    /** Where the ingress begins in the host's order of its word; the protocol is below it. */
    public static final int INGRESS_SHIFT = 8;

    /** The bit of an IPv6 flow in the host's order of that word. */
    public static final int IPV6_BIT = 1 << 31;

    /** One more than the highest ingress. */
    public static final int INGRESSES = 1 << 23;

    private static final int ENDS_WORD = 3;
    private static final long INGRESS_MASK = (INGRESSES - 1L) << INGRESS_SHIFT;
    private static final ValueLayout.OfLong NETWORK = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private KernelKey() {}

    /** Writes the key of a flow that comes in by an ingress. */
    public static void write(MemorySegment to, FlowKey key, int ingress) {
        if (ingress < 0 || ingress >= INGRESSES) {
            throw new IllegalArgumentException("ingress " + ingress + " is not within 0 to " + (INGRESSES - 1));
        }
        write(to, key::word, ingress);
    }

    /** The same, by the words of a {@link FlowKey}. */
    static void write(MemorySegment to, IntToLongFunction words, int ingress) {
        for (int i = 0; i < FlowKey.WORDS; i++) {
            to.set(NETWORK, (long) i * Long.BYTES, words.applyAsLong(i));
        }
        long ends = (words.applyAsLong(ENDS_WORD) & ~INGRESS_MASK) | (long) ingress << INGRESS_SHIFT;
        to.set(NETWORK, ENDS, ends);
    }
}
