package dev.peregrine.dataplane.testing;

import java.io.ByteArrayOutputStream;

/** Bytes put one field behind another, numbers in network order. Not thread-safe. */
final class Octets {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** Adds the low {@code bytes} bytes of a number. */
    Octets put(long value, int bytes) {
        for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
            out.write((int) (value >>> shift));
        }
        return this;
    }

    /** Adds bytes as they are. */
    Octets put(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    byte[] toArray() {
        return out.toByteArray();
    }
}
