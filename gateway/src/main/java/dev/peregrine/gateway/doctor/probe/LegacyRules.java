package dev.peregrine.gateway.doctor.probe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rules as {@code iptables-legacy-save -c} prints them, told in the words of nftables, so that {@link FirewallRules}
 * can follow a datagram through them. Matches that are not known become ones that may match.
 */
public final class LegacyRules {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern WORD = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"|(\\S+)");
    private static final Map<String, String> HOOKS =
            Map.of("INPUT", "input", "OUTPUT", "output", "PREROUTING", "prerouting", "POSTROUTING", "postrouting");

    /** Extensions whose options are read, or say nothing about packets. */
    private static final Set<String> KNOWN = Set.of("udp", "tcp", "multiport", "comment", "conntrack", "state");

    private final String family;
    private final ArrayNode objects = JSON.createArrayNode();
    private final Map<String, Integer> numbers = new HashMap<>();
    private String table = "";

    private LegacyRules(String family) {
        this.family = family;
    }

    /**
     * The rules as {@code nft -j} would print them. The handle of a rule is its number in its chain.
     *
     * @param family {@code ip}, or {@code ip6} for the output of {@code ip6tables-legacy-save}
     */
    public static JsonNode asRuleset(String saved, String family) {
        LegacyRules rules = new LegacyRules(family);
        saved.lines().forEach(rules::take);
        return JSON.createObjectNode().set("nftables", rules.objects);
    }

    private void take(String line) {
        if (line.startsWith("*")) {
            table = line.substring(1);
        } else if (line.startsWith(":")) {
            chain(line.substring(1).split(" "));
        } else if (line.contains("-A ")) {
            rule(words(line));
        }
    }

    private void chain(String[] words) {
        ObjectNode chain = put("chain").put("name", words[0]);
        if (HOOKS.containsKey(words[0])) {
            chain.put("hook", HOOKS.get(words[0])).put("policy", words[1].toLowerCase(Locale.ROOT));
        }
    }

    private ObjectNode put(String kind) {
        return objects.addObject().putObject(kind).put("family", family).put("table", table);
    }

    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(line);
        while (matcher.find()) words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
        return words;
    }

    private void rule(List<String> words) {
        int at = words.indexOf("-A");
        String chain = words.get(at + 1);
        ObjectNode rule = put("rule").put("chain", chain).put("handle", numbers.merge(table + chain, 1, Integer::sum));
        ArrayNode expressions = rule.putArray("expr");
        if (at > 0) {
            String packets = words.getFirst().replaceAll("\\[(\\d+):.*", "$1");
            expressions.addObject().putObject("counter").put("packets", Long.parseLong(packets));
        }
        String protocol = "udp";
        for (int i = at + 2; i < words.size(); ) {
            boolean isNegated = words.get(i).equals("!");
            String option = words.get(isNegated ? ++i : i);
            int next = i + 1;
            while (next < words.size() && !words.get(next).matches("!|-.+")) next++;
            String value = String.join(" ", words.subList(i + 1, next));
            if (option.equals("-p")) protocol = value;
            option(expressions, option, value, protocol, isNegated);
            i = next;
        }
    }

    private void option(ArrayNode into, String option, String value, String protocol, boolean isNegated) {
        switch (option) {
            case "-p" -> match(into, meta("l4proto"), JSON.getNodeFactory().textNode(value), isNegated);
            case "-s" -> match(into, payload(family, "saddr"), prefix(value), isNegated);
            case "-d" -> match(into, payload(family, "daddr"), prefix(value), isNegated);
            case "-i" -> match(into, meta("iifname"), device(value), isNegated);
            case "-o" -> match(into, meta("oifname"), device(value), isNegated);
            case "--dport", "--dports" -> match(into, payload(protocol, "dport"), ports(value), isNegated);
            case "--ctstate", "--state" -> match(into, state(), set(value.toLowerCase(Locale.ROOT)), isNegated);
            case "-m" -> {
                if (!KNOWN.contains(value)) into.addObject().putNull("xt");
            }
            case "--comment", "--reject-with" -> {}
            case "-j" -> target(into, value);
            case "-g" -> into.addObject().putObject("goto").put("target", value);
            default -> into.addObject().putNull("xt");
        }
    }

    private static void match(ArrayNode into, JsonNode left, JsonNode right, boolean isNegated) {
        into.addObject()
                .putObject("match")
                .put("op", isNegated ? "!=" : "==")
                .<ObjectNode>set("left", left)
                .set("right", right);
    }

    private static void target(ArrayNode into, String target) {
        switch (target) {
            case "ACCEPT", "DROP", "REJECT", "RETURN" -> into.addObject().putNull(target.toLowerCase(Locale.ROOT));
            default -> into.addObject().putObject("jump").put("target", target); // LOG and its like are no chains
        }
    }

    private static JsonNode meta(String key) {
        ObjectNode left = JSON.createObjectNode();
        left.putObject("meta").put("key", key);
        return left;
    }

    private static JsonNode state() {
        ObjectNode left = JSON.createObjectNode();
        left.putObject("ct").put("key", "state");
        return left;
    }

    private static JsonNode payload(String protocol, String field) {
        ObjectNode left = JSON.createObjectNode();
        left.putObject("payload").put("protocol", protocol).put("field", field);
        return left;
    }

    /** With a mask that is no length, something that may match. */
    private static JsonNode prefix(String value) {
        String[] parts = value.split("/", 2);
        if (parts.length == 1) return JSON.getNodeFactory().textNode(value);
        if (!parts[1].matches("\\d+")) return JSON.createObjectNode();
        ObjectNode prefix = JSON.createObjectNode();
        prefix.putObject("prefix").put("addr", parts[0]).put("len", Integer.parseInt(parts[1]));
        return prefix;
    }

    private static JsonNode device(String value) {
        return JSON.getNodeFactory().textNode(value.replaceAll("\\+$", "*"));
    }

    private static JsonNode set(String value) {
        ObjectNode set = JSON.createObjectNode();
        ArrayNode elements = set.putArray("set");
        List.of(value.split(",")).forEach(elements::add);
        return set;
    }

    /** As in {@code 53,4000:5000}. */
    private static JsonNode ports(String value) {
        ObjectNode set = JSON.createObjectNode();
        ArrayNode elements = set.putArray("set");
        for (String element : List.of(value.split(","))) {
            String[] ends = element.split(":", 2);
            if (ends.length == 1) {
                elements.add(Integer.parseInt(element));
            } else {
                elements.addObject()
                        .putArray("range")
                        .add(Integer.parseInt(ends[0]))
                        .add(Integer.parseInt(ends[1]));
            }
        }
        return set;
    }
}
