package dev.peregrine.dataplane.linux.sys;

import java.net.InetAddress;

/**
 * An IP address with a prefix length, as in {@code 198.19.0.2/24}: an interface address, or a route's destination.
 *
 * @param length bits, 0 to 32 or 128
 */
public record Prefix(InetAddress address, int length) {
    public Prefix {
        int bits = address.getAddress().length * Byte.SIZE;
        if (length < 0 || length > bits) {
            throw new IllegalArgumentException(
                    "prefix length %d of %s is not within 0 to %d".formatted(length, AddressText.of(address), bits));
        }
    }

    /** An address alone. */
    public static Prefix of(InetAddress address) {
        return new Prefix(address, address.getAddress().length * Byte.SIZE);
    }

    /** Whether all bits behind the prefix are zero. */
    public boolean isNetwork() {
        byte[] bytes = address.getAddress();
        for (int bit = length; bit < bytes.length * Byte.SIZE; bit++) {
            if ((bytes[bit / Byte.SIZE] & (0x80 >> (bit % Byte.SIZE))) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether {@code other} is of the same family and lies within the prefix. */
    public boolean contains(InetAddress other) {
        byte[] mine = address.getAddress();
        byte[] its = other.getAddress();
        if (mine.length != its.length) {
            return false;
        }
        for (int bit = 0; bit < length; bit++) {
            if (((mine[bit / Byte.SIZE] ^ its[bit / Byte.SIZE]) & (0x80 >> (bit % Byte.SIZE))) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return AddressText.of(address) + "/" + length;
    }
}
