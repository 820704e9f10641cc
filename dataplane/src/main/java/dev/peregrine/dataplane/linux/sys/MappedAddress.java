package dev.peregrine.dataplane.linux.sys;

/** IPv4 addresses as the 128-bit numbers that IPv6 has for them: {@code ::ffff:a.b.c.d} (RFC 4291 section 2.5.5.2). */
public final class MappedAddress {
    /** The lower 64 bits of {@code ::ffff:0.0.0.0}; the upper ones are 0. */
    private static final long PREFIX = 0xffff_0000_0000L;

    private MappedAddress() {}

    /** The lower 64 bits of an IPv4 address; the upper ones are 0. */
    public static long low(int ipv4) {
        return PREFIX | Integer.toUnsignedLong(ipv4);
    }

    /** Whether 128 bits are an IPv4 address: the lower 32 of them. */
    public static boolean is(long high, long low) {
        return high == 0 && low >>> Integer.SIZE == PREFIX >>> Integer.SIZE;
    }
}
