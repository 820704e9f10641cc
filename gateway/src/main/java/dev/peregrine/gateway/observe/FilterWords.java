package dev.peregrine.gateway.observe;

import static dev.peregrine.dataplane.observe.PacketFilter.ANY;

import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.observe.PacketFilter;
import dev.peregrine.dataplane.observe.PacketFilter.Protocol;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.policy.match.Network;
import dev.peregrine.gateway.config.schema.Nearest;
import dev.peregrine.gateway.config.value.Addresses;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.Vni;
import dev.peregrine.gateway.control.request.FlowFilter;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a FILTER, as users write it: {@code vni 42 src 198.19.0.0/24 port 80 proto tcp}. Keywords with a value each, in
 * any order; all that is given must hold. A MAC address and an IP address may both be given for {@code src} and
 * {@code dst}.
 */
public final class FilterWords {
    private static final int MAX_PORT = 65_535;

    /** Names of protocols are so short, and so few, that no guess is needed. */
    private static final int SHORT = 5;

    private int vni = ANY;
    private long sourceMac = ANY;
    private long destinationMac = ANY;
    private @Nullable Network source;
    private @Nullable Network destination;
    private int port = ANY;
    private @Nullable Protocol protocol;
    private @Nullable DropReason drop;

    private FilterWords() {}

    /**
     * Reads the words of a filter; none are the filter that lets everything pass.
     *
     * @throws CommandRefused says which word is wrong, and what is expected
     */
    public static PacketFilter parse(@Nullable List<String> words) throws CommandRefused {
        FilterWords filter = new FilterWords();
        Iterator<String> rest = words == null ? List.<String>of().iterator() : words.iterator();
        while (rest.hasNext()) {
            filter.take(rest.next(), rest);
        }
        return new PacketFilter(
                filter.vni,
                filter.sourceMac,
                filter.destinationMac,
                filter.source,
                filter.destination,
                filter.port,
                filter.protocol,
                filter.drop);
    }

    private void take(String keyword, Iterator<String> rest) throws CommandRefused {
        if (!FlowFilter.KEYWORDS.contains(keyword)) {
            throw wrong(
                    keyword,
                    "one of " + String.join(", ", FlowFilter.KEYWORDS) + meant(keyword, FlowFilter.KEYWORDS.stream()));
        }
        String expected = expected(keyword);
        if (!rest.hasNext()) {
            throw wrong("nothing behind " + keyword, expected);
        }
        String value = rest.next();
        switch (keyword) {
            case "vni" -> vni = once(keyword, vni, number(keyword, value, Vni.MAX));
            case "port" -> port = once(keyword, port, number(keyword, value, MAX_PORT));
            case "src" -> takeEnd(keyword, value, true);
            case "dst" -> takeEnd(keyword, value, false);
            case "proto" -> {
                refuseSecond(keyword, protocol);
                protocol = word(keyword, value, Protocol.values());
            }
            default -> {
                refuseSecond(keyword, drop);
                drop = word(keyword, value, DropReason.values());
            }
        }
    }

    private static String expected(String keyword) {
        return switch (keyword) {
            case "vni" -> "a number from 0 to " + Vni.MAX;
            case "port" -> "a number from 0 to " + MAX_PORT;
            case "proto" -> "tcp, udp, icmp, icmp6, nd or arp";
            case "drop" -> "a drop reason, as drop list has them";
            default -> "a MAC address, an IP address, or a network such as 198.19.0.0/24";
        };
    }

    private static int number(String keyword, String value, int most) throws CommandRefused {
        if (!value.matches("[0-9]{1,8}") || Integer.parseInt(value) > most) {
            throw wrong(keyword + " " + value, expected(keyword));
        }
        return Integer.parseInt(value);
    }

    private void takeEnd(String keyword, String value, boolean isSource) throws CommandRefused {
        MacAddress mac = MacAddress.parse(value);
        if (mac != null) {
            sourceMac = isSource ? once(keyword, sourceMac, mac.value()) : sourceMac;
            destinationMac = isSource ? destinationMac : once(keyword, destinationMac, mac.value());
            return;
        }
        Prefix prefix = Addresses.parsePrefix(value);
        if (prefix == null) {
            throw wrong(keyword + " " + value, expected(keyword));
        }
        refuseSecond(keyword, isSource ? source : destination);
        Network network = Network.of(prefix.address().getAddress(), prefix.length());
        source = isSource ? network : source;
        destination = isSource ? destination : network;
    }

    private static <E extends Enum<E>> E word(String keyword, String value, E[] known) throws CommandRefused {
        for (E candidate : known) {
            if (candidate.name().equalsIgnoreCase(value)) {
                return candidate;
            }
        }
        throw wrong(
                keyword + " " + value,
                expected(keyword)
                        + meant(value, Arrays.stream(known).map(Enum::name).filter(name -> name.length() > SHORT)));
    }

    private static int once(String keyword, int before, int value) throws CommandRefused {
        return (int) once(keyword, (long) before, value);
    }

    private static long once(String keyword, long before, long value) throws CommandRefused {
        if (before != ANY) {
            throw CommandRefused.unreadable(keyword + " is given twice");
        }
        return value;
    }

    private static void refuseSecond(String keyword, @Nullable Object before) throws CommandRefused {
        if (before != null) {
            throw CommandRefused.unreadable(keyword + " is given twice");
        }
    }

    private static String meant(String word, Stream<String> known) {
        return Nearest.to(word, known.collect(Collectors.toList()))
                .map(nearest -> " (did you mean " + nearest + "?)")
                .orElse("");
    }

    private static CommandRefused wrong(String found, String expected) {
        return CommandRefused.unreadable("found " + found + "; expected " + expected);
    }
}
