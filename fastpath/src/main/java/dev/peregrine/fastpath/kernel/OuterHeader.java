package dev.peregrine.fastpath.kernel;

/**
 * The part of {@link EncapExit} that writes the outer IP header, and the length in the UDP header behind it. Behind the
 * Ethernet header there is room for all headers of the tunnel.
 */
sealed interface OuterHeader permits OuterIpv4, OuterIpv6 {
    /** Bytes of it. */
    int length();

    /** The most bytes behind it that it can tell. */
    int mostBytes();

    /** The flag of {@code bpf_skb_adjust_room} that the room is for it. */
    long roomFlag();

    /** Wants R6 = context, R7 = data, R9 = slot. Loses R0 to R5. */
    void write();
}
