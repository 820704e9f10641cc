package dev.peregrine.dataplane.linux;

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

    @Override
    public String toString() {
        return AddressText.of(address) + "/" + length;
    }
}
