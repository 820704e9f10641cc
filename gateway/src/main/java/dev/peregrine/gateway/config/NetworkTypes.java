package dev.peregrine.gateway.config;

import dev.peregrine.dataplane.linux.AddressText;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The types of single values of networks: addresses, names of devices and ports, sockets. */
final class NetworkTypes {
    /** Largest path that fits a Unix socket's address, which has 108 bytes with the closing zero. */
    private static final int MAX_SOCKET_PATH = 107;

    /** All of a VXLAN header but the I flag and the VNI (RFC 7348 section 5). */
    private static final long RESERVED_BITS = 0xf7ff_ffff_0000_00ffL;

    private NetworkTypes() {}

    /** An address that one host has: no group, no broadcast, not unspecified. */
    static ValueType<InetAddress> hostAddress() {
        return Scalars.scalar(
                "the IPv4 or IPv6 address of one host (a name is not resolved)",
                text -> {
                    InetAddress address = Addresses.parse(text);
                    return address == null || !isHost(address) ? null : address;
                },
                AddressText::of);
    }

    private static boolean isHost(InetAddress address) {
        boolean broadcast = address instanceof Inet4Address v4 && v4.hashCode() == -1;
        return !broadcast && !address.isAnyLocalAddress() && !address.isMulticastAddress();
    }

    /** An interface's address with its prefix length. */
    static ValueType<Prefix> interfaceAddress() {
        ValueType<Prefix> type = Scalars.scalar("an address with its prefix length, such as 198.19.0.2/24", text -> {
            Prefix prefix = Prefix.parse(text);
            return prefix == null || !isHost(prefix.address()) ? null : prefix;
        });
        return Scalars.hinted(type, NetworkTypes::withoutLength);
    }

    /** An interface that has its address alone reaches nobody: whoever means that says so. */
    private static @Nullable String withoutLength(String text) {
        InetAddress address = Addresses.parse(text);
        if (address == null) return null;
        boolean ipv4 = address instanceof Inet4Address;
        return "a prefix length, such as " + text + (ipv4 ? "/24 (/32" : "/64 (/128") + " if it is meant)";
    }

    static ValueType<Prefix> network() {
        return Scalars.scalar("a network such as 198.18.0.0/24, no bit set behind its prefix", text -> {
            Prefix prefix = Prefix.parse(text);
            return prefix == null || !prefix.isNetwork() ? null : prefix;
        });
    }

    static ValueType<PortRange> portRange() {
        return Scalars.scalar("a range of UDP ports such as 49152-65535", PortRange::parse);
    }

    static ValueType<MacAddress> mac() {
        return Scalars.scalar("a unicast MAC address such as 02:00:00:00:00:01", NetworkTypes::unicast);
    }

    /** A MAC address, or {@code auto} for empty. */
    static ValueType<Optional<MacAddress>> macOrAuto() {
        return Scalars.scalar(
                "auto or a unicast MAC address such as 02:00:00:00:00:01",
                text -> {
                    if (text.equals("auto")) return Optional.empty();
                    MacAddress mac = unicast(text);
                    return mac == null ? null : Optional.of(mac);
                },
                mac -> mac.map(MacAddress::toString).orElse("auto"));
    }

    private static @Nullable MacAddress unicast(String text) {
        MacAddress mac = MacAddress.parse(text);
        return mac == null || !mac.isUnicast() ? null : mac;
    }

    /** Which reserved bits of a VXLAN header drop a datagram: none, all, or those of a mask. */
    static ValueType<Long> reservedBits() {
        return Scalars.scalar(
                "ignore, strict or a mask of reserved bits such as 0xf7ffffff000000ff",
                text -> switch (text) {
                    case "ignore" -> 0L;
                    case "strict" -> RESERVED_BITS;
                    default ->
                        text.matches("0x[0-9a-f]{16}") ? reserved(Long.parseUnsignedLong(text, 2, 18, 16)) : null;
                },
                bits -> bits == 0 ? "ignore" : bits == RESERVED_BITS ? "strict" : "0x%016x".formatted(bits));
    }

    private static @Nullable Long reserved(long bits) {
        return (bits & ~RESERVED_BITS) == 0 ? (Long) bits : null;
    }

    /** A name that Linux allows for a network device, without the {@code %} that it would number. */
    static ValueType<String> deviceName() {
        return Scalars.scalar(
                "a device name of 1 to 15 characters from A-Z a-z 0-9 . _ -",
                text -> text.matches("[A-Za-z0-9._-]{1,15}") && !isDots(text) ? text : null);
    }

    static ValueType<String> portName() {
        return Scalars.scalar(
                "a name of 1 to 63 characters from A-Z a-z 0-9 . _ -, starting with a letter or digit",
                text -> text.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}") ? text : null);
    }

    static ValueType<String> namespace() {
        return Scalars.scalar(
                "a name under /run/netns or an absolute path such as /proc/PID/ns/net",
                text -> text.matches("/[^\\x00]*[^/\\x00]|[^/\\s\\x00]+") && !isDots(text) ? text : null);
    }

    private static boolean isDots(String text) {
        return text.equals(".") || text.equals("..");
    }

    static ValueType<InetSocketAddress> socketAddress() {
        return Scalars.scalar(
                "an address and a port, such as 198.19.0.9:9000 or [fd00::9]:9000 (a name is not resolved)",
                Addresses::parseSocket,
                AddressText::of);
    }

    /** A socket address, or {@code off} for empty. */
    static ValueType<Optional<InetSocketAddress>> socketAddressOrOff() {
        return Scalars.scalar(
                "off, or an address and a port such as 127.0.0.1:9464 (a name is not resolved)",
                text -> {
                    if (text.equals("off")) return Optional.empty();
                    InetSocketAddress address = Addresses.parseSocket(text);
                    return address == null ? null : Optional.of(address);
                },
                value -> value.map(AddressText::of).orElse("off"));
    }

    static ValueType<Delivery> delivery() {
        return Scalars.scalar("unix: and an absolute path, or udp: and an address and a port", text -> {
            if (text.startsWith("unix:")) {
                Path path = socketPath(text.substring("unix:".length()));
                return path == null ? null : new Delivery.UnixSocket(path);
            }
            if (!text.startsWith("udp:")) return null;
            InetSocketAddress address = Addresses.parseSocket(text.substring("udp:".length()));
            return address == null ? null : new Delivery.UdpSocket(address);
        });
    }

    /** The control socket's path; {@code auto} is this user's. */
    static ValueType<Path> controlSocket() {
        return Scalars.scalar(
                "auto or an absolute path of at most " + MAX_SOCKET_PATH + " bytes",
                text -> text.equals("auto") ? ControlConfig.defaultSocket() : socketPath(text));
    }

    private static @Nullable Path socketPath(String text) {
        boolean fits = text.getBytes(StandardCharsets.UTF_8).length <= MAX_SOCKET_PATH;
        return fits && text.matches("/[^\\x00]*[^/\\x00]") ? Path.of(text) : null;
    }
}
