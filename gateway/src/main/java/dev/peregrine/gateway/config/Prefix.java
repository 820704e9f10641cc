package dev.peregrine.gateway.config;

import dev.peregrine.dataplane.linux.AddressText;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** An address with a prefix length: a network, or an interface's address in one. */
public record Prefix(InetAddress address, int length) {

    public Prefix {
        if (length < 0 || length > address.getAddress().length * 8) {
            throw new IllegalArgumentException("prefix length " + length + " of " + address);
        }
    }

    /** Reads {@code 198.18.0.0/24}, or an address alone as its host prefix; null when it is something else. */
    public static @Nullable Prefix parse(String text) {
        int slash = text.indexOf('/');
        InetAddress address = Addresses.parse(slash < 0 ? text : text.substring(0, slash));
        if (address == null) return null;
        int bits = address.getAddress().length * 8;
        if (slash < 0) return new Prefix(address, bits);
        String length = text.substring(slash + 1);
        if (!length.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(length) > bits) return null;
        return new Prefix(address, Integer.parseInt(length));
    }

    /** Whether all bits behind the prefix are zero. */
    public boolean isNetwork() {
        byte[] bytes = address.getAddress();
        for (int bit = length; bit < bytes.length * 8; bit++) {
            if ((bytes[bit / 8] & (0x80 >> (bit % 8))) != 0) return false;
        }
        return true;
    }

    /** Whether {@code other} is of the same family and lies within the prefix. */
    public boolean contains(InetAddress other) {
        byte[] mine = address.getAddress();
        byte[] its = other.getAddress();
        if (mine.length != its.length) return false;
        for (int bit = 0; bit < length; bit++) {
            if (((mine[bit / 8] ^ its[bit / 8]) & (0x80 >> (bit % 8))) != 0) return false;
        }
        return true;
    }

    @Override
    public String toString() {
        return AddressText.of(address) + "/" + length;
    }
}
