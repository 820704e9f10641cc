package dev.peregrine.gateway.config.value;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.Mix;
import dev.peregrine.dataplane.linux.sys.AddressText;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** An Ethernet address in the low 48 bits, first byte on the wire highest. */
public record MacAddress(long value) {
    /** A regular expression that its text meets from end to end. */
    public static final String PATTERN =
            "([0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}|[0-9a-fA-F]{2}(-[0-9a-fA-F]{2}){5}|[0-9a-fA-F]{4}(\\.[0-9a-fA-F]{4}){2})";

    private static final Pattern TEXT = Pattern.compile(PATTERN);
    private static final long LOCAL_BIT = 1L << 41;
    private static final long MASK = (1L << 48) - 1;

    public MacAddress {
        if ((value & ~MASK) != 0) throw new IllegalArgumentException("more than 48 bits: " + Long.toHexString(value));
    }

    /**
     * Reads {@code 02:00:00:00:00:01}, {@code 02-00-00-00-00-01} or {@code 0200.0000.0001}; null when it is something
     * else.
     */
    public static @Nullable MacAddress parse(String text) {
        if (!TEXT.matcher(text).matches()) return null;
        return new MacAddress(Long.parseLong(text.replaceAll("[:.-]", ""), 16));
    }

    /** A unicast, locally administered address that depends on nothing but {@code seed}. */
    public static MacAddress derivedFrom(String seed) {
        long hash = 0xcbf29ce484222325L; // FNV-1a, then a finalizer that spreads the last characters
        for (int i = 0; i < seed.length(); i++) hash = (hash ^ seed.charAt(i)) * 0x100000001b3L;
        hash = Mix.finish(hash);
        hash ^= hash >>> 32;
        return new MacAddress((hash & MASK & ~EthernetHeader.GROUP_BIT) | LOCAL_BIT);
    }

    /** Whether one station may have this address: neither a group's nor zero. */
    public boolean isUnicast() {
        return value != 0 && (value & EthernetHeader.GROUP_BIT) == 0;
    }

    @Override
    public String toString() {
        return AddressText.mac(value);
    }
}
