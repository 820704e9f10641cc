package dev.peregrine.testkit.live;

/**
 * The network that joins the hosts of a lab: an address family, and the frames that may cross. In wire mode frames of
 * at most one MTU do, and receive work has a thread of its own, as with a network card. In offload mode superframes of
 * up to 64 KiB cross uncut, with checksums unfilled, as on any veth pair.
 */
public enum Underlay {
    /** IPv4, in wire mode. */
    IPV4_WIRE("198.18.0.", 24, true, 50),
    /** IPv4, in offload mode. */
    IPV4_OFFLOAD("198.18.0.", 24, false, 50),
    /** IPv6, in wire mode. */
    IPV6_WIRE("fd18::", 64, true, 70),
    /** IPv6, in offload mode. */
    IPV6_OFFLOAD("fd18::", 64, false, 70);

    /** Of the devices that join the hosts. */
    public static final int MTU = 1600;

    private final String network;
    private final int prefixLength;
    private final boolean wire;
    private final int overhead;

    Underlay(String network, int prefixLength, boolean wire, int overhead) {
        this.network = network;
        this.prefixLength = prefixLength;
        this.wire = wire;
        this.overhead = overhead;
    }

    /** Whether its addresses are of IPv6. */
    public boolean ipv6() {
        return prefixLength == 64;
    }

    boolean wire() {
        return wire;
    }

    /** Of a host, 1 to 254, in the network that joins the hosts. */
    public String address(int host) {
        return network + host;
    }

    /** Of its network. */
    public int prefixLength() {
        return prefixLength;
    }

    /** MTU less inner Ethernet, VXLAN, UDP and outer IP headers. */
    public int overlayMtu() {
        return MTU - overhead;
    }
}
