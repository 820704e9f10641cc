package dev.peregrine.gateway.config;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.linux.AddressText;
import dev.peregrine.dataplane.policy.Match;
import dev.peregrine.dataplane.policy.Range;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The types of single values of rules. */
final class PolicyTypes {
    private static final Map<String, Integer> PROTOCOLS = Map.of(
            "any", Match.ANY,
            "tcp", IpProtocol.TCP,
            "udp", IpProtocol.UDP,
            "icmp", IpProtocol.ICMP,
            "icmpv6", IpProtocol.ICMPV6,
            "arp", Match.ARP,
            "other", Match.OTHER);
    private static final String SET = "set:";
    private static final Pattern RANGE = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");
    private static final Pattern RATE = Pattern.compile("(0|[1-9][0-9]{0,11})([kMG]?)");
    private static final long MAX_RATE = 1_000_000_000_000L;

    private PolicyTypes() {}

    static ValueType<Integer> protocol() {
        return Scalars.scalar(
                "any, tcp, udp, icmp, icmpv6, arp, other or a number from 0 to 255",
                PolicyTypes::parseProtocol,
                PolicyTypes::protocolText);
    }

    /** A protocol, not any. */
    static ValueType<Integer> oneProtocol() {
        return Scalars.scalar(
                "tcp, udp, icmp, icmpv6, arp, other or a number from 0 to 255",
                text -> text.equals("any") ? null : parseProtocol(text),
                PolicyTypes::protocolText);
    }

    static ValueType<InetAddress> anyAddress() {
        return Scalars.scalar("an IPv4 or IPv6 address", Addresses::parse, AddressText::of);
    }

    private static @Nullable Integer parseProtocol(String text) {
        Integer named = PROTOCOLS.get(text);
        return named != null ? named : Scalars.parseInteger(text, 0, 255);
    }

    static String protocolText(int protocol) {
        return PROTOCOLS.entrySet().stream()
                .filter(entry -> entry.getValue() == protocol)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseGet(() -> String.valueOf(protocol));
    }

    static ValueType<AddressTerm> address() {
        return Scalars.scalar(
                "a network such as 198.18.0.0/24, no bit set behind its prefix, or set: and a set's name", text -> {
                    if (text.startsWith(SET))
                        return new AddressTerm(Optional.empty(), Optional.of(text.substring(SET.length())));
                    Prefix prefix = Prefix.parse(text);
                    return prefix == null || !prefix.isNetwork()
                            ? null
                            : new AddressTerm(Optional.of(prefix), Optional.empty());
                });
    }

    static ValueType<MacAddress> anyMac() {
        return Scalars.scalar("a MAC address such as 02:00:00:00:00:01", MacAddress::parse);
    }

    static ValueType<Range> ports() {
        return range("a port or a range such as 8000-8100, from 0 to 65535", 65535);
    }

    static ValueType<Range> octets() {
        return range("a number or a range such as 133-137, from 0 to 255", 255);
    }

    private static ValueType<Range> range(String expected, int max) {
        return Scalars.scalar(expected, text -> {
            Matcher matcher = RANGE.matcher(text);
            if (!matcher.matches()) return null;
            int first = Integer.parseInt(matcher.group(1));
            int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
            return first <= last && last <= max ? new Range(first, last) : null;
        });
    }

    static ValueType<TcpFlags> tcpFlags() {
        return Scalars.scalar(
                "flags such as syn,!ack out of fin, syn, rst, psh, ack, urg, ece and cwr", TcpFlags::parse);
    }

    /** A rate per second: {@code 500}, {@code 10M}; 0 is none. */
    static ValueType<Long> rate() {
        return Scalars.scalar(
                "0 or a rate per second up to 1000G, such as 500, 64k, 10M or 1G",
                PolicyTypes::parseRate,
                PolicyTypes::rateText);
    }

    private static @Nullable Long parseRate(String text) {
        Matcher matcher = RATE.matcher(text);
        if (!matcher.matches()) return null;
        long unit = switch (matcher.group(2)) {
            case "k" -> 1_000;
            case "M" -> 1_000_000;
            case "G" -> 1_000_000_000;
            default -> 1;
        };
        long amount = Long.parseLong(matcher.group(1));
        return amount > MAX_RATE / unit ? null : (Long) (amount * unit);
    }

    private static String rateText(long rate) {
        if (rate == 0) return "0";
        if (rate % 1_000_000_000 == 0) return rate / 1_000_000_000 + "G";
        if (rate % 1_000_000 == 0) return rate / 1_000_000 + "M";
        return rate % 1_000 == 0 ? rate / 1_000 + "k" : String.valueOf(rate);
    }
}
