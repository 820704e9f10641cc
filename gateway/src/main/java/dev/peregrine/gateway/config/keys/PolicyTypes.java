package dev.peregrine.gateway.config.keys;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.policy.match.Match;
import dev.peregrine.dataplane.policy.match.Range;
import dev.peregrine.gateway.config.schema.JsonSchema;
import dev.peregrine.gateway.config.schema.Scalars;
import dev.peregrine.gateway.config.schema.ValueType;
import dev.peregrine.gateway.config.value.AddressTerm;
import dev.peregrine.gateway.config.value.TcpFlags;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The types of single values of rules. */
public final class PolicyTypes {
    private static final Map<String, Integer> PROTOCOLS = protocols();
    private static final Pattern RANGE = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");
    private static final Pattern RATE = Pattern.compile("(0|[1-9][0-9]{0,11})([kMG]?)");
    private static final long MAX_RATE = 1_000_000_000_000L;

    private PolicyTypes() {}

    /** Protocols that have a word, in the order in which messages list them. */
    private static Map<String, Integer> protocols() {
        Map<String, Integer> words = new LinkedHashMap<>();
        words.put("any", Match.ANY);
        words.put("tcp", IpProtocol.TCP);
        words.put("udp", IpProtocol.UDP);
        words.put("icmp", IpProtocol.ICMP);
        words.put("icmpv6", IpProtocol.ICMPV6);
        words.put("arp", Match.ARP);
        words.put("other", Match.OTHER);
        return words;
    }

    static ValueType<Integer> protocol() {
        return protocol(List.copyOf(PROTOCOLS.keySet()));
    }

    /** A protocol, not any. */
    static ValueType<Integer> oneProtocol() {
        return protocol(PROTOCOLS.entrySet().stream()
                .filter(protocol -> protocol.getValue() != Match.ANY)
                .map(Map.Entry::getKey)
                .toList());
    }

    private static ValueType<Integer> protocol(List<String> words) {
        return Scalars.scalar(
                String.join(", ", words) + " or a number from 0 to 255",
                JsonSchema.either(
                        List.of(JsonSchema.oneOf(words), JsonSchema.integer(0, 255), JsonSchema.text("[0-9]{1,3}"))),
                text -> words.contains(text) ? PROTOCOLS.get(text) : Scalars.parseInteger(text, 0, 255),
                PolicyTypes::protocolText);
    }

    /** The name of an IP protocol, or its number where it has none here. */
    public static String protocolText(int protocol) {
        return PROTOCOLS.entrySet().stream()
                .filter(entry -> entry.getValue() == protocol)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseGet(() -> String.valueOf(protocol));
    }

    /** A network, or an address set by its name. */
    static ValueType<AddressTerm> networkOrSet() {
        Scalars.Scalar<Prefix> network = NetworkTypes.network();
        String set = AddressTerm.SET;
        return Scalars.scalar(
                network.expected() + ", or " + set + " and a set's name",
                JsonSchema.either(List.of(network.schema(), JsonSchema.text(set + ".*"))),
                text -> {
                    if (text.startsWith(set)) {
                        return new AddressTerm(Optional.empty(), Optional.of(text.substring(set.length())));
                    }
                    Prefix prefix = network.parser().parse(text);
                    return prefix == null ? null : new AddressTerm(Optional.of(prefix), Optional.empty());
                });
    }

    static ValueType<Range> ports() {
        return range("a port or a range such as 8000-8100, from 0 to 65535", 65535);
    }

    static ValueType<Range> octets() {
        return range("a number or a range such as 133-137, from 0 to 255", 255);
    }

    private static ValueType<Range> range(String expected, int max) {
        return Scalars.scalar(
                expected,
                JsonSchema.either(List.of(JsonSchema.integer(0, max), JsonSchema.text("[0-9]{1,5}(-[0-9]{1,5})?"))),
                text -> {
                    Matcher matcher = RANGE.matcher(text);
                    if (!matcher.matches()) return null;
                    int first = Integer.parseInt(matcher.group(1));
                    int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
                    return first <= last && last <= max ? new Range(first, last) : null;
                });
    }

    static ValueType<TcpFlags> tcpFlags() {
        int last = TcpFlags.NAMES.size() - 1;
        String names = String.join(", ", TcpFlags.NAMES.subList(0, last)) + " and " + TcpFlags.NAMES.get(last);
        String flag = "!?(" + String.join("|", TcpFlags.NAMES) + ")";
        return Scalars.scalar(
                "flags such as syn,!ack out of " + names, JsonSchema.text(flag + "(," + flag + ")*"), TcpFlags::parse);
    }

    /** A rate per second: {@code 500}, {@code 10M}; 0 is none. */
    static ValueType<Long> rate() {
        return Scalars.scalar(
                "0 or a rate per second up to 1000G, such as 500, 64k, 10M or 1G",
                JsonSchema.either(List.of(JsonSchema.integer(0, MAX_RATE), JsonSchema.text(RATE.pattern()))),
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
