package dev.peregrine.gateway.config;

import org.jspecify.annotations.Nullable;

/** UDP ports from {@code first} to {@code last}, both included. */
public record PortRange(int first, int last) {

    public PortRange {
        if (first < 1 || last < first || last > 65535) throw new IllegalArgumentException(first + "-" + last);
    }

    /** Reads {@code 49152-65535}; null when it is something else. */
    static @Nullable PortRange parse(String text) {
        if (!text.matches("[0-9]{1,5}-[0-9]{1,5}")) return null;
        int dash = text.indexOf('-');
        int first = Integer.parseInt(text.substring(0, dash));
        int last = Integer.parseInt(text.substring(dash + 1));
        return first < 1 || last < first || last > 65535 ? null : new PortRange(first, last);
    }

    boolean contains(int port) {
        return first <= port && port <= last;
    }

    @Override
    public String toString() {
        return first + "-" + last;
    }
}
