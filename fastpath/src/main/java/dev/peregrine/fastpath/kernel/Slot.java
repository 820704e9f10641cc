package dev.peregrine.fastpath.kernel;

/**
 * The tier's state of one flow, in an array that gateway and programs share.
 *
 * <pre>
 *    0  alive (u64)       1 while the decision is in force; 0 ends it at once        gateway
 *    8  settled (u64)     1 when packets go fast; 0 while earlier ones may walk       program
 *   16  helped (u64)      1 when packets pass the helper device, superframes or not   program
 *   24  since (u64)       the epoch before the walk                                   gateway
 *   32  segment (u32), watch (u32)   where its segment's epoch is, and its state, 0 for none
 *   40  seen (u64)        what the walk left in the state word
 *   48  ifindex (u32), limit (u32)   the exit, and the longest frame without tunnel headers
 *   56  vni (u32), spare (u32)
 *   64  remote (16)       address of the VTEP as in struct bpf_tunnel_key; network order for IPv6, host order for IPv4
 *   80  packets, bytes (u64 each)    in wire packets, without tunnel headers          program
 *   96  used (u64)        nanoseconds of CLOCK_MONOTONIC, as of the last tick         program
 * </pre>
 *
 * <p>Each word has one writer, so no store is lost: what the gateway kills, no program revives. The others are written
 * before the slot is {@code alive}, and stay until a grace period after it no longer is.
 */
final class Slot {
    static final int SIZE = 104;

    static final int ALIVE = 0;
    static final int SETTLED = 8;
    static final int HELPED = 16;
    static final int SINCE = 24;
    static final int SEGMENT = 32;
    static final int WATCH = 36;
    static final int SEEN = 40;
    static final int IFINDEX = 48;
    static final int LIMIT = 52;
    static final int VNI = 56;
    static final int REMOTE = 64;
    static final int PACKETS = 80;
    static final int BYTES = 88;
    static final int USED = 96;

    private Slot() {}
}
