package dev.peregrine.fastpath.kernel;

import dev.peregrine.fastpath.kernel.table.KernelKey;
import dev.peregrine.fastpath.kernel.table.Orders;

/**
 * Where the programs keep what they know of a packet: offsets from the end of their stack (R10). The verifier refuses a
 * read of a word that a path has not written.
 *
 * <pre>
 *    −64  key, see {@link KernelKey}
 *    −80  outer source address (16), IPv4 mapped into IPv6
 *    −88  argument of a look-up (u32)
 *    −96  longest wire frame of the packet, without tunnel headers
 *   −104  wire packets
 *   −112  wire bytes, without tunnel headers
 *   −120  not 0: the packet walks, whatever is known of its flow
 *   −128  outer TOS, then the TOS that the inner header gets (with {@link #CHANGED}), or 0
 *   −136  inner TOS
 *   −144  inner TTL
 *   −152  bytes of all headers
 *   −160  the order counter (u32), see {@link Orders}
 *   −168  by how much it advances if the packet walks
 *   −216  struct bpf_tunnel_key (44), zeros (4); or struct bpf_sock_tuple
 *   −224  bytes of the frame behind its IP packet
 * </pre>
 */
final class Stack {
    static final int KEY = -KernelKey.SIZE;
    static final int VTEP = -80;
    static final int ARGUMENT = -88;
    static final int LONGEST = -96;
    static final int SEGMENTS = -104;
    static final int BYTES = -112;
    static final int WALKS = -120;
    static final int OUTER_TOS = -128;
    static final int TOS = -136;
    static final int TTL = -144;
    static final int HEADERS = -152;
    static final int ORDER = -160;
    static final int AMOUNT = -168;
    static final int TUNNEL_KEY = -216;
    static final int PADDING = -224;

    /** A bit above the TOS: it is to be written. */
    static final int CHANGED = 1 << 8;

    private Stack() {}
}
