package dev.peregrine.gateway.config.keys;

import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.policy.match.Range;
import dev.peregrine.gateway.config.model.HttpConfig;
import dev.peregrine.gateway.config.schema.JsonSchema;
import dev.peregrine.gateway.config.schema.Scalars;
import dev.peregrine.gateway.config.schema.ValueType;
import dev.peregrine.gateway.config.value.Addresses;
import dev.peregrine.gateway.config.value.Delivery;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.vxlan.VxlanHeader;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The types of single values of networks: addresses, names of devices and ports, sockets. */
public final class NetworkTypes {
    /** Largest path that fits a Unix socket's address, which has 108 bytes with the closing zero. */
    private static final int MAX_SOCKET_PATH = 107;

    private static final int MAX_PORT = 65_535;

    // ---- regular expressions, for the schema too --------------------------------------------------------------

    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final String IPV4 = OCTET + "(\\." + OCTET + "){3}";
    private static final String IPV6 = "[0-9a-fA-F.]*:[0-9a-fA-F:.]*";
    private static final String ADDRESS = IPV4 + "|" + IPV6;
    private static final String IPV4_LENGTH = "/(3[0-2]|[12]?[0-9])";
    private static final String IPV6_LENGTH = "/(12[0-8]|1[01][0-9]|[1-9]?[0-9])";
    private static final String PREFIX = IPV4 + IPV4_LENGTH + "|" + IPV6 + IPV6_LENGTH;
    private static final String SOCKET_ADDRESS = "(" + IPV4 + "|\\[" + IPV6 + "\\]):[1-9][0-9]{0,4}";
    private static final String NETWORK = IPV4 + "(" + IPV4_LENGTH + ")?|" + IPV6 + "(" + IPV6_LENGTH + ")?";
    private static final String UNICAST_MAC = "(?!00(:00){5})[0-9a-fA-F][02468aceACE](:[0-9a-fA-F]{2}){5}";
    private static final String MASK = "0x[0-9a-f]{16}";
    private static final String DEVICE_NAME = "(?!\\.{1,2}$)[A-Za-z0-9._-]{1,15}";
    private static final String PORT_NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,62}";
    private static final String NAMESPACE = "(?!\\.{1,2}$)(/[^\\x00]*[^/\\x00]|[^/\\s\\x00]+)";
    private static final String SOCKET_PATH = "/[^\\x00]*[^/\\x00]";
    private static final Pattern VARIABLE = Pattern.compile("env:([A-Za-z_][A-Za-z0-9_]*)");
    private static final Pattern PORT_RANGE = Pattern.compile("([0-9]{1,5})-([0-9]{1,5})");

    private static final String ONE_HOST = "the IPv4 or IPv6 address of one host (a name is not resolved)";

    private NetworkTypes() {}

    /** An IP address of any kind. */
    static ValueType<InetAddress> anyAddress() {
        return Scalars.scalar("an IPv4 or IPv6 address", JsonSchema.text(ADDRESS), Addresses::parse, AddressText::of);
    }

    /** An address that one host has: no group, no broadcast, not unspecified. */
    static ValueType<InetAddress> hostAddress() {
        return Scalars.scalar(ONE_HOST, JsonSchema.text(ADDRESS), NetworkTypes::host, AddressText::of);
    }

    /** As {@link #hostAddress}, or {@code env:NAME} for the one that a variable of the environment holds. */
    static ValueType<InetAddress> hostAddressOrVariable(UnaryOperator<@Nullable String> environment) {
        ValueType<InetAddress> type = Scalars.scalar(
                ONE_HOST + " or env:NAME",
                JsonSchema.text(ADDRESS + "|" + VARIABLE.pattern()),
                text -> {
                    Matcher variable = VARIABLE.matcher(text);
                    return host(variable.matches() ? environment.apply(variable.group(1)) : text);
                },
                AddressText::of);
        return Scalars.hinted(type, text -> {
            Matcher variable = VARIABLE.matcher(text);
            if (!variable.matches() || host(environment.apply(variable.group(1))) != null) return null;
            String value = environment.apply(variable.group(1));
            String held = value == null ? "it is not set" : "it holds \"" + value + "\"";
            return "the address of one host in the environment variable " + variable.group(1) + ": " + held;
        });
    }

    private static @Nullable InetAddress host(@Nullable String text) {
        InetAddress address = text == null ? null : Addresses.parse(text);
        return address == null || !isHost(address) ? null : address;
    }

    private static boolean isHost(InetAddress address) {
        boolean broadcast = address instanceof Inet4Address v4 && v4.hashCode() == -1;
        return !broadcast && !address.isAnyLocalAddress() && !address.isMulticastAddress();
    }

    /** An interface's address with its prefix length. */
    static ValueType<Prefix> interfaceAddress() {
        ValueType<Prefix> type = Scalars.scalar(
                "an address with its prefix length, such as 198.19.0.2/24", JsonSchema.text(PREFIX), text -> {
                    Prefix prefix = Addresses.parsePrefix(text);
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

    /** A network, such as {@code 198.19.0.0/24}. */
    public static Scalars.Scalar<Prefix> network() {
        return Scalars.scalar(
                "a network such as 198.18.0.0/24, no bit set behind its prefix", JsonSchema.text(NETWORK), text -> {
                    Prefix prefix = Addresses.parsePrefix(text);
                    return prefix == null || !prefix.isNetwork() ? null : prefix;
                });
    }

    /** A range of UDP ports, both ends written. */
    static ValueType<Range> portRange() {
        return Scalars.scalar(
                "a range of UDP ports such as 49152-65535",
                JsonSchema.text(PORT_RANGE.pattern()),
                text -> {
                    Matcher matcher = PORT_RANGE.matcher(text);
                    if (!matcher.matches()) return null;
                    int first = Integer.parseInt(matcher.group(1));
                    int last = Integer.parseInt(matcher.group(2));
                    return first < 1 || last < first || last > MAX_PORT ? null : new Range(first, last);
                },
                NetworkTypes::text);
    }

    /** A range of UDP ports as {@link #portRange} reads it. */
    public static String text(Range ports) {
        return ports.first() + "-" + ports.last();
    }

    static Scalars.Scalar<MacAddress> mac() {
        return Scalars.scalar("a unicast MAC address such as 02:00:00:00:00:01", JsonSchema.text(UNICAST_MAC), text -> {
            MacAddress mac = MacAddress.parse(text);
            return mac == null || !mac.isUnicast() ? null : mac;
        });
    }

    /** A MAC address of one station, a group or all. */
    static ValueType<MacAddress> anyMac() {
        return Scalars.scalar(
                "a MAC address such as 02:00:00:00:00:01", JsonSchema.text(MacAddress.PATTERN), MacAddress::parse);
    }

    /** A MAC address, or {@code auto} for empty. */
    static ValueType<Optional<MacAddress>> macOrAuto() {
        return Scalars.orWord("auto", mac());
    }

    /** Which reserved bits of a VXLAN header drop a datagram: none, all, or those of a mask. */
    static ValueType<Long> reservedBits() {
        Map<String, Long> words = Map.of("ignore", 0L, "strict", VxlanHeader.RESERVED_MASK);
        return Scalars.scalar(
                "ignore, strict or a mask of reserved bits such as 0xf7ffffff000000ff",
                // YAML has the mask for a number, as it stands without quotes.
                JsonSchema.either(List.of(
                        JsonSchema.oneOf(List.of("ignore", "strict")),
                        JsonSchema.text(MASK),
                        Map.of("type", "integer", "minimum", 0))),
                text -> words.containsKey(text)
                        ? words.get(text)
                        : text.matches(MASK) ? reserved(Long.parseUnsignedLong(text, 2, 18, 16)) : null,
                bits -> words.entrySet().stream()
                        .filter(word -> word.getValue().equals(bits))
                        .map(Map.Entry::getKey)
                        .findFirst()
                        .orElseGet(() -> "0x%016x".formatted(bits)));
    }

    private static @Nullable Long reserved(long bits) {
        return (bits & ~VxlanHeader.RESERVED_MASK) == 0 ? (Long) bits : null;
    }

    /** A name that Linux allows for a network device, without the {@code %} that it would number. */
    static ValueType<String> deviceName() {
        return name("a device name of 1 to 15 characters from A-Z a-z 0-9 . _ -", DEVICE_NAME);
    }

    static ValueType<String> portName() {
        return name("a name of 1 to 63 characters from A-Z a-z 0-9 . _ -, starting with a letter or digit", PORT_NAME);
    }

    static ValueType<String> namespace() {
        return name("a name under /run/netns or an absolute path such as /proc/PID/ns/net", NAMESPACE);
    }

    private static ValueType<String> name(String expected, String pattern) {
        return Scalars.scalar(expected, JsonSchema.text(pattern), text -> text.matches(pattern) ? text : null);
    }

    static ValueType<InetSocketAddress> socketAddress() {
        return Scalars.scalar(
                "an address and a port, such as 198.19.0.9:9000 or [fd00::9]:9000 (a name is not resolved)",
                JsonSchema.text(SOCKET_ADDRESS),
                Addresses::parseSocket,
                AddressText::of);
    }

    /** Where HTTP is served. */
    static ValueType<HttpConfig> httpAddress() {
        return Scalars.scalar(
                "auto, off, or an address and a port such as 127.0.0.1:9464 (a name is not resolved)",
                JsonSchema.either(List.of(JsonSchema.oneOf(List.of("auto", "off")), JsonSchema.text(SOCKET_ADDRESS))),
                text -> {
                    if (text.equals("auto")) return HttpConfig.AUTO;
                    if (text.equals("off")) return HttpConfig.OFF;
                    InetSocketAddress address = Addresses.parseSocket(text);
                    return address == null ? null : HttpConfig.at(address);
                },
                value -> value.equals(HttpConfig.AUTO)
                        ? "auto"
                        : value.address().map(AddressText::of).orElse("off"));
    }

    static ValueType<Delivery> delivery() {
        return Scalars.scalar(
                "unix: and an absolute path, or udp: and an address and a port",
                JsonSchema.text(Delivery.UNIX + SOCKET_PATH + "|" + Delivery.UDP + SOCKET_ADDRESS),
                text -> {
                    if (text.startsWith(Delivery.UNIX)) {
                        Path path = socketPath(text.substring(Delivery.UNIX.length()));
                        return path == null ? null : new Delivery.UnixSocket(path);
                    }
                    if (!text.startsWith(Delivery.UDP)) return null;
                    InetSocketAddress address = Addresses.parseSocket(text.substring(Delivery.UDP.length()));
                    return address == null ? null : new Delivery.UdpSocket(address);
                });
    }

    /** The absolute path of a Unix socket. */
    static Scalars.Scalar<Path> unixSocket() {
        return Scalars.scalar(
                "an absolute path of at most " + MAX_SOCKET_PATH + " bytes",
                JsonSchema.text(SOCKET_PATH),
                NetworkTypes::socketPath);
    }

    private static @Nullable Path socketPath(String text) {
        boolean fits = text.getBytes(StandardCharsets.UTF_8).length <= MAX_SOCKET_PATH;
        return fits && text.matches(SOCKET_PATH) ? Path.of(text) : null;
    }
}
