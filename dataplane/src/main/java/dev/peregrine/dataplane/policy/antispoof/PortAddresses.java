package dev.peregrine.dataplane.policy.antispoof;

import java.util.Arrays;

/** The MAC and IP addresses that are a port's own. Immutable. */
final class PortAddresses {
    private static final long LINK_LOCAL = 0xfe80L << 48;

    private final long[] macs;
    private final boolean anyAddress;
    private final boolean anyLinkLocal;
    private final AddressRanges ipv4;
    private final AddressRanges ipv6;

    /**
     * The addresses of a port.
     *
     * @param macs MAC addresses; none of them: any
     * @param anyAddress whether every IP address counts as the port's own
     * @param anyLinkLocal whether every link-local IPv6 address does
     */
    PortAddresses(long[] macs, boolean anyAddress, boolean anyLinkLocal, AddressRanges ipv4, AddressRanges ipv6) {
        this.macs = Arrays.stream(macs).sorted().toArray();
        this.anyAddress = anyAddress;
        this.anyLinkLocal = anyLinkLocal;
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
    }

    /** Whether a frame may come from a MAC address. */
    boolean isSource(long mac) {
        return macs.length == 0 || hasMac(mac);
    }

    /** Whether the contents of a frame from {@code source} may name a MAC address as the port's own. */
    boolean isOwn(long mac, long source) {
        return mac == source || hasMac(mac);
    }

    private boolean hasMac(long mac) {
        return macs.length == 1 ? macs[0] == mac : Arrays.binarySearch(macs, mac) >= 0;
    }

    boolean hasIpv4(int address) {
        return anyAddress || ipv4.contains(0, address & 0xffff_ffffL);
    }

    /**
     * Whether an IPv6 address is the port's own: one of the set, or link-local and made of the MAC address, or any that
     * is link-local.
     */
    boolean hasIpv6(long high, long low, long mac) {
        boolean isLinkLocal = high == LINK_LOCAL && (anyLinkLocal || low == interfaceId(mac));
        return anyAddress || isLinkLocal || ipv6.contains(high, low);
    }

    /** The modified EUI-64 interface identifier of a MAC address (RFC 4291 appendix A). */
    static long interfaceId(long mac) {
        long flipped = mac ^ (1L << 41);
        return ((flipped >>> 24) << 40) | (0xfffeL << 24) | (flipped & 0xff_ffffL);
    }
}
