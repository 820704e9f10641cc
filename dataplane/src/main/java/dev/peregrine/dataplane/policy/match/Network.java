package dev.peregrine.dataplane.policy.match;

/**
 * An IP network: an address and how many of its leading bits count.
 *
 * @param family 4 or 6
 * @param high bytes 0 to 7 of the address; an IPv4 address takes the upper half and leaves the rest 0
 * @param low bytes 8 to 15 of an IPv6 address; 0 for IPv4
 * @param length prefix length, 0 to 32 or 128; bits behind it are 0
 */
public record Network(int family, long high, long low, int length) {
    /** Clears the bits behind the prefix. */
    public Network {
        int bits = switch (family) {
            case 4 -> 32;
            case 6 -> 128;
            default -> throw new IllegalArgumentException("IP version " + family);
        };
        if (length < 0 || length > bits) {
            throw new IllegalArgumentException("prefix length " + length + " of IPv" + family);
        }
        high &= maskHigh(length);
        low &= maskLow(length);
    }

    /** The network of an address in network byte order, of 4 or 16 bytes. */
    public static Network of(byte[] address, int length) {
        long high = 0;
        long low = 0;
        for (int i = 0; i < address.length; i++) {
            long bits = (address[i] & 0xffL) << (56 - 8 * (i & 7));
            high |= i < 8 ? bits : 0;
            low |= i < 8 ? 0 : bits;
        }
        return new Network(address.length == 4 ? 4 : 6, high, low, length);
    }

    /** Whether an address in network byte order, of 4 or 16 bytes, lies in it. */
    public boolean contains(byte[] address) {
        return address.length == (family == 4 ? 4 : 16) && of(address, length).equals(this);
    }

    /** The first eight bytes of a mask of {@code length} bits. */
    public static long maskHigh(int length) {
        return length == 0 ? 0 : length >= 64 ? -1 : -1L << (64 - length);
    }

    /** The last eight bytes of a mask of {@code length} bits. */
    public static long maskLow(int length) {
        return length <= 64 ? 0 : -1L << (128 - length);
    }

    /** The last address: its first eight bytes. */
    long lastHigh() {
        return family == 4 ? high | (~maskHigh(length) & 0xffff_ffff_0000_0000L) : high | ~maskHigh(length);
    }

    /** The last address: its last eight bytes. */
    long lastLow() {
        return family == 4 ? 0 : low | ~maskLow(length);
    }

    /** The smallest network that holds this one and another of the same family. */
    Network common(Network other) {
        long differs = high ^ other.high;
        int same = differs != 0 ? Long.numberOfLeadingZeros(differs) : 64 + Long.numberOfLeadingZeros(low ^ other.low);
        return new Network(family, high, low, Math.min(same, Math.min(length, other.length)));
    }
}
