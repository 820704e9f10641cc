package dev.peregrine.dataplane.header;

/** Numbers of the protocols above IP, and of IPv6 extension headers (IANA "Protocol Numbers"). */
public final class IpProtocol {
    /** Hop-by-hop options (RFC 8200 section 4.3). */
    public static final int HOP_BY_HOP = 0;

    /** ICMP for IPv4 (RFC 792). */
    public static final int ICMP = 1;

    /** IGMP (RFC 3376). */
    public static final int IGMP = 2;

    /** TCP (RFC 9293). */
    public static final int TCP = 6;

    /** UDP (RFC 768). */
    public static final int UDP = 17;

    /** Routing header (RFC 8200 section 4.4). */
    public static final int ROUTING = 43;

    /** Fragment header (RFC 8200 section 4.5). */
    public static final int FRAGMENT = 44;

    /** Authentication header (RFC 4302). */
    public static final int AUTHENTICATION = 51;

    /** ICMP for IPv6 (RFC 4443). */
    public static final int ICMPV6 = 58;

    /** Nothing follows (RFC 8200 section 4.7). */
    public static final int NO_NEXT_HEADER = 59;

    /** Destination options (RFC 8200 section 4.6). */
    public static final int DESTINATION_OPTIONS = 60;

    private IpProtocol() {}

    /** The name of a protocol, such as {@code tcp}; the number of one that has none here. */
    public static String name(int protocol) {
        return switch (protocol) {
            case ICMP -> "icmp";
            case TCP -> "tcp";
            case UDP -> "udp";
            case ICMPV6 -> "icmpv6";
            default -> String.valueOf(protocol);
        };
    }
}
