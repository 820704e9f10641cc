package dev.peregrine.gateway.doctor.probe;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.Prefix;
import java.net.InetAddress;
import java.util.List;

/**
 * A VXLAN datagram as rules of nftables see it, in the terms of their JSON ({@code libnftables-json(5)}).
 *
 * @param source address
 * @param device that it comes in or goes out by; empty if that is not known
 * @param isInput whether it comes in
 * @param port UDP destination port
 */
public record FilteredPacket(InetAddress source, InetAddress destination, String device, boolean isInput, int port) {
    private static final int UDP = 17;

    /** Whether its family is the table's: {@code ip}, {@code ip6}, {@code inet} or {@code netdev}. */
    boolean isOf(String family) {
        return switch (family) {
            case "inet", "netdev" -> true;
            case "ip" -> !isIpv6();
            case "ip6" -> isIpv6();
            default -> false;
        };
    }

    /** Whether it passes a chain of one device or several; a chain without one is for all. */
    boolean passes(JsonNode devices) {
        return devices.isMissingNode() || device(devices) != Match.NO;
    }

    private boolean isIpv6() {
        return source.getAddress().length == 16;
    }

    /** Whether it fits a statement {@code match}. */
    Match fits(JsonNode match) {
        Match found = compare(match.path("left"), match.path("right"));
        return match.path("op").asText().equals("!=") ? found.negated() : found;
    }

    /** Whether a part of it has a value, or one of a set of values. */
    Match compare(JsonNode part, JsonNode value) {
        if (part.has("payload")) return payload(part.path("payload"), value);
        if (part.path("ct").path("key").asText().equals("state")) return state(value);
        return switch (part.path("meta").path("key").asText()) {
            case "l4proto" -> oneOf(value, "udp", UDP);
            case "nfproto" -> oneOf(value, isIpv6() ? "ipv6" : "ipv4", -1);
            case "protocol" -> oneOf(value, isIpv6() ? "ip6" : "ip", -1);
            case "iifname", "iif" -> isInput ? device(value) : Match.NO;
            case "oifname", "oif" -> isInput ? Match.NO : device(value);
            default -> Match.MAYBE;
        };
    }

    private Match payload(JsonNode payload, JsonNode value) {
        String field = payload.path("field").asText();
        return switch (payload.path("protocol").asText()) {
            case "udp", "th" -> field.equals("dport") ? oneOf(value, "", port) : Match.MAYBE;
            case "tcp", "icmp", "icmpv6", "sctp", "dccp", "udplite", "esp", "ah", "arp" -> Match.NO;
            case "ip" -> isIpv6() ? Match.NO : header(field, value);
            case "ip6" -> isIpv6() ? header(field, value) : Match.NO;
            default -> Match.MAYBE;
        };
    }

    private Match header(String field, JsonNode value) {
        return switch (field) {
            case "saddr" -> address(value, source);
            case "daddr" -> address(value, destination);
            case "protocol", "nexthdr" -> oneOf(value, "udp", UDP);
            default -> Match.MAYBE;
        };
    }

    private Match device(JsonNode value) {
        if (device.isEmpty()) return Match.MAYBE;
        if (value.isTextual() && value.asText().endsWith("*")) {
            return Match.of(
                    device.startsWith(value.asText().substring(0, value.asText().length() - 1)));
        }
        return oneOf(value, device, -1);
    }

    /** A datagram of a flow that is not known yet: whether it is new, or established by now, is not seen. */
    private static Match state(JsonNode value) {
        Match found = Match.NO;
        for (JsonNode state : elements(value)) {
            String word = state.asText();
            found = found.or(word.equals("invalid") || word.equals("untracked") ? Match.NO : Match.MAYBE);
        }
        return found;
    }

    private static Match address(JsonNode value, InetAddress address) {
        Match found = Match.NO;
        for (JsonNode element : elements(value)) {
            JsonNode prefix = element.path("prefix");
            if (prefix.has("addr")) {
                InetAddress network = InetAddress.ofLiteral(prefix.path("addr").asText());
                boolean isIn = new Prefix(network, prefix.path("len").asInt()).contains(address);
                found = found.or(Match.of(isIn));
            } else if (element.isTextual() && !element.asText().startsWith("@")) {
                found = found.or(Match.of(element.asText().equals(AddressText.of(address))));
            } else {
                found = found.or(Match.MAYBE); // a range or a named set
            }
        }
        return found;
    }

    private static Match oneOf(JsonNode value, String text, int number) {
        Match found = Match.NO;
        for (JsonNode element : elements(value)) {
            JsonNode range = element.path("range");
            if (range.isArray()) {
                found = found.or(Match.of(number >= range.path(0).asInt()
                        && number <= range.path(1).asInt()));
            } else if (element.isNumber()) {
                found = found.or(Match.of(element.asInt() == number));
            } else if (element.asText().startsWith("@") || element.isObject()) {
                found = found.or(Match.MAYBE);
            } else {
                found = found.or(Match.of(element.asText().equals(text)));
            }
        }
        return found;
    }

    private static Iterable<JsonNode> elements(JsonNode value) {
        if (value.has("set")) return value.path("set");
        return value.isArray() ? value : List.of(value);
    }
}
