package dev.peregrine.dataplane.linux.sys;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;

/**
 * IP and MAC addresses as people read them: IPv6 as RFC 5952 writes it, which {@link InetAddress#getHostAddress} does
 * not.
 */
public final class AddressText {
    private static final int GROUPS = 8;

    /** The longest text without a zone. */
    private static final int IPV6_LENGTH = 39;

    private static final int MAC_LENGTH = 17;

    private AddressText() {}

    /** As in {@code 198.18.0.1}, {@code fd00::1} or, with a zone (RFC 4007 section 11), {@code fe80::1%eth0}. */
    public static String of(InetAddress address) {
        if (!(address instanceof Inet6Address ipv6)) {
            return address.getHostAddress();
        }
        ByteBuffer bytes = ByteBuffer.wrap(ipv6.getAddress());
        return ipv6(bytes.getLong(), bytes.getLong()) + zone(ipv6);
    }

    /** As in {@code 198.18.0.1:4789} or {@code [fd00::1]:4789}; the address must be resolved. */
    public static String of(InetSocketAddress socket) {
        return of(socket.getAddress(), socket.getPort());
    }

    /** As {@link #of(InetSocketAddress)}. */
    public static String of(InetAddress address, int port) {
        String host = of(address);
        return (address instanceof Inet6Address ? "[" + host + "]" : host) + ":" + port;
    }

    /** A MAC address, the low 48 bits of a number, as in {@code 02:00:00:00:00:01}. */
    public static String mac(long address) {
        StringBuilder text = new StringBuilder(MAC_LENGTH);
        for (int shift = 40; shift >= 0; shift -= 8) {
            int octet = (int) (address >>> shift) & 0xff;
            text.append(Character.forDigit(octet >> 4, 16)).append(Character.forDigit(octet & 15, 16));
            if (shift > 0) {
                text.append(':');
            }
        }
        return text.toString();
    }

    private static String zone(Inet6Address address) {
        NetworkInterface device = address.getScopedInterface();
        if (device != null) {
            return "%" + device.getName();
        }
        return address.getScopeId() == 0 ? "" : "%" + address.getScopeId();
    }

    /**
     * An IPv6 address of two numbers, the first 64 bits and the last. The longest run of zero groups is shortened, the
     * first of several; a single zero group is not.
     */
    public static String ipv6(long high, long low) {
        int[] groups = new int[GROUPS];
        for (int i = 0; i < GROUPS; i++) {
            long half = i < GROUPS / 2 ? high : low;
            groups[i] = (int) (half >>> (48 - 16 * (i & 3))) & 0xffff;
        }
        int start = -1;
        int length = 1;
        for (int i = 0; i < GROUPS; i++) {
            int run = zeroRun(groups, i);
            if (run > length) {
                start = i;
                length = run;
            }
        }
        StringBuilder text = new StringBuilder(IPV6_LENGTH);
        for (int i = 0; i < GROUPS; i += i == start ? length : 1) {
            if (i == start) {
                text.append("::");
            } else {
                boolean isFirst = text.isEmpty() || text.charAt(text.length() - 1) == ':';
                text.append(isFirst ? "" : ":").append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    private static int zeroRun(int[] groups, int from) {
        int end = from;
        while (end < groups.length && groups[end] == 0) {
            end++;
        }
        return end - from;
    }
}
