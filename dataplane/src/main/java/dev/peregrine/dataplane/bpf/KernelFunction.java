package dev.peregrine.dataplane.bpf;

/**
 * A function of the kernel that programs may call, by the name that bpf-helpers(7) has without {@code bpf_}. None is
 * reserved to programs under the GPL.
 */
public enum KernelFunction {
    MAP_LOOKUP_ELEM(1),
    MAP_UPDATE_ELEM(2),
    MAP_DELETE_ELEM(3),
    /** Nanoseconds of CLOCK_MONOTONIC, as {@link System#nanoTime}. */
    KTIME_GET_NS(5),
    GET_PRANDOM_U32(7),
    SKB_STORE_BYTES(9),
    L3_CSUM_REPLACE(10),
    L4_CSUM_REPLACE(11),
    SKB_GET_TUNNEL_KEY(20),
    SKB_SET_TUNNEL_KEY(21),
    REDIRECT(23),
    SKB_LOAD_BYTES(26),
    CSUM_DIFF(28),
    SKB_CHANGE_TYPE(32),
    GET_HASH_RECALC(34),
    SKB_PULL_DATA(39),
    SKB_ADJUST_ROOM(50),
    /** A UDP socket of this namespace by addresses and ports, which {@link #SK_RELEASE} must give back; 0 for none. */
    SK_LOOKUP_UDP(85),
    SK_RELEASE(86),
    /** Has a socket receive the frame, whatever its addresses and ports are; at ingress hooks only. */
    SK_ASSIGN(124),
    REDIRECT_NEIGH(152),
    /** To the other end of a veth pair, into its namespace; at ingress hooks only. */
    REDIRECT_PEER(155),
    /** As {@link #KTIME_GET_NS}, as of the last tick of the clock (1 to 10 ms): a memory access. */
    KTIME_GET_COARSE_NS(160);

    final int number;

    KernelFunction(int number) {
        this.number = number;
    }
}
