package dev.peregrine.vxlan;

/**
 * How the tunnel treats headers; one for all segments.
 *
 * @param reservedBits what reserved bits in a received VXLAN header mean
 * @param encapEcn how the outer ECN field is made from the inner one
 * @param dscp DSCP of the outer header, 0 to 63, or {@link #INHERIT}
 * @param ttl TTL or hop limit of the outer header, 1 to 255, or {@link #INHERIT}
 */
public record TunnelSettings(ReservedBits reservedBits, EncapEcn encapEcn, int dscp, int ttl) {
    /** The value of {@link #dscp} and {@link #ttl} that takes the inner header's; non-IP frames get the default. */
    public static final int INHERIT = -1;

    /** The outer TTL where nothing else is configured, and of non-IP frames when the TTL is inherited. */
    public static final int DEFAULT_TTL = 64;

    /** What RFC 7348 and RFC 6040 recommend: reserved bits ignored, DSCP and ECN inherited, a fixed TTL. */
    public static final TunnelSettings DEFAULT =
            new TunnelSettings(ReservedBits.IGNORE, EncapEcn.RFC6040, INHERIT, DEFAULT_TTL);

    /** Reserved bits in a received VXLAN header. */
    public enum ReservedBits {
        /** They are ignored, as RFC 7348 section 5 says. */
        IGNORE,
        /** Any of them drops the datagram, as the Linux kernel and Open vSwitch do. */
        STRICT
    }

    /** The outer ECN field at encap. */
    public enum EncapEcn {
        /** A copy of the inner field: normal mode of RFC 6040 section 4.1. */
        RFC6040,
        /** A copy, except that congestion experienced becomes ECT(0): RFC 3168 section 9.1.1, as the Linux kernel. */
        RFC3168
    }

    /** Checks the ranges. */
    public TunnelSettings {
        if (dscp != INHERIT && (dscp < 0 || dscp > 63)) {
            throw new IllegalArgumentException("DSCP " + dscp + " is not within 0 to 63");
        }
        if (ttl != INHERIT && (ttl < 1 || ttl > 255)) {
            throw new IllegalArgumentException("TTL " + ttl + " is not within 1 to 255");
        }
    }
}
