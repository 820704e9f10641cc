package dev.peregrine.vxlan;

import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.MappedAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * An IPv4 or IPv6 address as a 128-bit number, IPv4 mapped into IPv6 ({@code ::ffff:a.b.c.d}, RFC 4291 section
 * 2.5.5.2).
 *
 * @param high the first 64 bits
 * @param low the last 64 bits
 */
public record IpAddress(long high, long low) implements Comparable<IpAddress> {
    /** Bits of an address. */
    public static final int BITS = 128;

    private static final int IPV4_BYTES = 4;

    /** The number of an address; the scope of a link-local one is lost. */
    public static IpAddress of(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return bytes.remaining() == IPV4_BYTES
                ? new IpAddress(0, MappedAddress.low(bytes.getInt()))
                : new IpAddress(bytes.getLong(), bytes.getLong());
    }

    /** Whether this is a mapped IPv4 address. */
    public boolean isIpv4() {
        return MappedAddress.is(high, low);
    }

    /** The address as an object of the JDK, an {@link java.net.Inet4Address} if it is mapped. */
    public InetAddress toInetAddress() {
        try {
            return InetAddress.getByAddress(ByteBuffer.allocate(BITS / Byte.SIZE)
                    .putLong(high)
                    .putLong(low)
                    .array());
        } catch (UnknownHostException e) {
            throw new AssertionError("sixteen bytes are an address", e);
        }
    }

    /** Orders addresses by their numbers, IPv4 before IPv6. */
    @Override
    public int compareTo(IpAddress other) {
        int byKind = Boolean.compare(other.isIpv4(), isIpv4());
        int byHigh = byKind != 0 ? byKind : Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    @Override
    public String toString() {
        return AddressText.of(toInetAddress());
    }
}
