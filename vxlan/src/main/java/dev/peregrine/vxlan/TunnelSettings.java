package dev.peregrine.vxlan;

/**
 * How the tunnel treats headers; one for all segments.
 *
 * @param reservedBits bits of {@link VxlanHeader#RESERVED_MASK} that drop a received datagram: none, as RFC 7348
 *     section 5 says, or all, as the Linux kernel and Open vSwitch do, or some
 * @param encapEcn how the outer ECN field is made from the inner one
 * @param dscp DSCP of the outer header, 0 to 63, or {@link #INHERIT}
 * @param ttl TTL or hop limit of the outer header, 1 to 255, or {@link #INHERIT}
 */
public record TunnelSettings(long reservedBits, EncapEcn encapEcn, int dscp, int ttl) {
    /** The value of {@link #dscp} and {@link #ttl} that takes the inner header's; non-IP frames get the default. */
    public static final int INHERIT = -1;

    /** The outer TTL where nothing else is configured, and of non-IP frames when the TTL is inherited. */
    public static final int DEFAULT_TTL = 64;

    /**
     * The settings that RFC 7348 and RFC 6040 recommend: reserved bits ignored, DSCP and ECN inherited, a fixed TTL.
     */
    public static final TunnelSettings DEFAULT = new TunnelSettings(0, EncapEcn.RFC6040, INHERIT, DEFAULT_TTL);

    /** The rule for the outer ECN field at encap. */
    public enum EncapEcn {
        /** A copy of the inner field: normal mode of RFC 6040 section 4.1. */
        RFC6040,
        /** A copy, except that congestion experienced becomes ECT(0): RFC 3168 section 9.1.1, as the Linux kernel. */
        RFC3168
    }

    /** Checks the ranges. */
    public TunnelSettings {
        if ((reservedBits & ~VxlanHeader.RESERVED_MASK) != 0) {
            throw new IllegalArgumentException("not all reserved: " + Long.toHexString(reservedBits));
        }
        if (dscp != INHERIT && (dscp < 0 || dscp > 63)) {
            throw new IllegalArgumentException("DSCP " + dscp + " is not within 0 to 63");
        }
        if (ttl != INHERIT && (ttl < 1 || ttl > 255)) {
            throw new IllegalArgumentException("TTL " + ttl + " is not within 1 to 255");
        }
    }
}
