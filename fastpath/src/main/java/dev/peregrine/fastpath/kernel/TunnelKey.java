package dev.peregrine.fastpath.kernel;

/**
 * Offsets in {@code struct bpf_tunnel_key}: the VNI in the host's order, addresses of IPv4 in the host's order and of
 * IPv6 in network order.
 */
final class TunnelKey {
    static final int SIZE = 44;

    static final int ID = 0;
    static final int REMOTE = 4;
    static final int TOS = 20;
    static final int TTL = 21;
    static final int LOCAL = 28;

    // Flags of bpf_skb_get_tunnel_key and bpf_skb_set_tunnel_key.
    static final int IPV6 = 1;
    static final int ZERO_CHECKSUM = 2;
    static final int DONT_FRAGMENT = 4;

    private TunnelKey() {}
}
