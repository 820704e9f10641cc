package dev.peregrine.fastpath.kernel.table;

/**
 * The tier's state of one flow, in an array that gateway and programs share: three cache lines.
 *
 * <pre>
 *    0  alive (u64)       1 while the decision is in force; 0 ends it at once          gateway
 *    8  since (u64)       the epoch before the walk                                    gateway
 *   16  segment (u32), watch (u32)   where its segment's epoch is, and its state, 0 for none
 *   24  seen (u64)        what the walk left in the state word
 *   32  ifindex (u32), limit (u32)   the exit, and the longest frame without tunnel headers
 *   40  vni (u32), outer source port (2, network order), spare (2)
 *   48  remote (16)       address of the VTEP as in struct bpf_tunnel_key; network order for IPv6, host order for IPv4
 *   64  key (64)          {@link KernelKey}: the flow that the slot is of
 *  128  helped (u64)      1 when packets pass the helper device, superframes or not    program
 *  136  packets, bytes (u64 each)    in wire packets, without tunnel headers           program
 *  152  used (u64)        nanoseconds of CLOCK_MONOTONIC, as of the last tick          program
 *  160  mask (u64)        the bits of the state word that must be as seen             gateway
 *  168  until (u64)       nanoseconds of CLOCK_MONOTONIC until which the state lives, whatever its word   gateway
 *  176  spare (16)
 * </pre>
 *
 * <p>Each word has one writer, so no store is lost: what the gateway kills, no program revives. Those of the gateway
 * are written before the slot is {@code alive}, and stay until a grace period after it no longer is.
 */
public final class Slot {
    /** Bytes of a slot. */
    public static final int SIZE = 192;

    /** Offsets, as above. */
    public static final int ALIVE = 0;

    public static final int SINCE = 8;
    public static final int SEGMENT = 16;
    public static final int WATCH = 20;
    public static final int SEEN = 24;
    public static final int IFINDEX = 32;
    public static final int LIMIT = 36;
    public static final int VNI = 40;
    public static final int SOURCE_PORT = 44;
    public static final int REMOTE = 48;
    public static final int KEY = 64;
    public static final int HELPED = 128;
    public static final int PACKETS = 136;
    public static final int BYTES = 144;
    public static final int USED = 152;
    public static final int MASK = 160;
    public static final int UNTIL = 168;

    private Slot() {}
}
