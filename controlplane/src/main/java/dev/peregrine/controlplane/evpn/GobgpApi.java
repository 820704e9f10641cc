package dev.peregrine.controlplane.evpn;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where gobgpd's API is. A client that reaches it may do anything to BGP without authentication, so that it is on this
 * host only: a socket in the file system, or an address of the loopback interface.
 *
 * @param text as it was given
 * @param address a {@link UnixDomainSocketAddress}, or an {@link InetSocketAddress} of a loopback address
 */
public record GobgpApi(String text, SocketAddress address) {
    /** The texts that may be valid, as a regular expression. */
    public static final String PATTERN = "unix:///[^\\x00]+|(127(\\.[0-9]{1,3}){3}|\\[::1\\]):[1-9][0-9]{0,4}";

    /** Where gobgpd listens when it is told no other address than the loopback's. */
    public static final String DEFAULT = "127.0.0.1:50051";

    private static final Pattern TCP = Pattern.compile("(.*):([0-9]+)");
    private static final String UNIX = "unix://";
    /** Of a path, in bytes (unix(7), sun_path with its end). */
    private static final int MAX_PATH = 107;

    /** Reads {@code unix:///PATH}, {@code 127.x.x.x:PORT} or {@code [::1]:PORT}; null for anything else. */
    public static @Nullable GobgpApi parse(String text) {
        if (!text.matches(PATTERN)) {
            return null;
        }
        if (text.startsWith(UNIX)) {
            String path = text.substring(UNIX.length());
            return path.length() > MAX_PATH ? null : new GobgpApi(text, UnixDomainSocketAddress.of(path));
        }
        Matcher tcp = TCP.matcher(text);
        if (!tcp.matches()) {
            return null;
        }
        int port = Integer.parseInt(tcp.group(2));
        try {
            InetAddress host = InetAddress.ofLiteral(tcp.group(1).replaceAll("[\\[\\]]", ""));
            return port > 65_535 ? null : new GobgpApi(text, new InetSocketAddress(host, port));
        } catch (IllegalArgumentException e) {
            return null; // such as 127.0.0.999
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
