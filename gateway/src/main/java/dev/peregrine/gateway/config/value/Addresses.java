package dev.peregrine.gateway.config.value;

import dev.peregrine.dataplane.linux.sys.Prefix;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Reads IP addresses: literals only, a name is never resolved. */
public final class Addresses {

    private Addresses() {}

    /** Whether both addresses are IPv4, or both IPv6. */
    public static boolean sameFamily(InetAddress one, InetAddress other) {
        return one.getAddress().length == other.getAddress().length;
    }

    /** Reads an IPv4 address of four parts or an IPv6 address without a zone; null when it is something else. */
    public static @Nullable InetAddress parse(String text) {
        boolean ipv6 = text.indexOf(':') >= 0;
        if (ipv6 ? !text.matches("[0-9a-fA-F:.]+") : !text.matches("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}")) {
            return null;
        }
        try {
            InetAddress address = InetAddress.ofLiteral(text);
            return ipv6 == address instanceof Inet6Address ? address : null;
        } catch (IllegalArgumentException notAnAddress) {
            return null;
        }
    }

    /** Reads {@code 198.18.0.0/24}, or an address alone as its host prefix; null when it is something else. */
    public static @Nullable Prefix parsePrefix(String text) {
        int slash = text.indexOf('/');
        InetAddress address = parse(slash < 0 ? text : text.substring(0, slash));
        if (address == null) return null;
        if (slash < 0) return Prefix.of(address);
        String length = text.substring(slash + 1);
        boolean fits = length.matches("0|[1-9][0-9]{0,2}")
                && Integer.parseInt(length) <= Prefix.of(address).length();
        return fits ? new Prefix(address, Integer.parseInt(length)) : null;
    }

    /** Reads {@code 127.0.0.1:9464} or {@code [::1]:9464}, port 1 to 65535; null when it is something else. */
    public static @Nullable InetSocketAddress parseSocket(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0 || !text.substring(colon + 1).matches("[1-9][0-9]{0,4}")) return null;
        int port = Integer.parseInt(text.substring(colon + 1));
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]") && host.length() > 2;
        if (bracketed) host = host.substring(1, host.length() - 1);
        InetAddress address = parse(host);
        if (address == null || port > 65535 || bracketed == address instanceof Inet4Address) return null;
        return new InetSocketAddress(address, port);
    }

    /**
     * Reads {@code 198.18.0.2}, {@code 198.18.0.2:4789}, {@code fd18::2}, {@code [fd18::2]} or {@code [fd18::2]:4789},
     * port 1 to 65535; null when it is something else.
     */
    public static @Nullable InetSocketAddress parseSocket(String text, int defaultPort) {
        boolean bracketed = text.startsWith("[") && text.endsWith("]");
        InetAddress alone = parse(bracketed ? text.substring(1, text.length() - 1) : text);
        if (alone == null) return parseSocket(text);
        return bracketed && alone instanceof Inet4Address ? null : new InetSocketAddress(alone, defaultPort);
    }
}
