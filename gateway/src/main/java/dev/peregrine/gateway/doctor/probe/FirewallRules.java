package dev.peregrine.gateway.doctor.probe;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A ruleset of nftables ({@code nft -j list ruleset}), and what would become of a datagram. Parts that are not
 * understood, such as named sets, marks and extensions of iptables, may match.
 */
public final class FirewallRules {
    private static final Set<String> IN = Set.of("ingress", "prerouting", "input");
    private static final Set<String> OUT = Set.of("output", "postrouting", "egress");
    private static final int DEEPEST = 16;

    private final List<JsonNode> chains = new ArrayList<>();
    private final List<JsonNode> rules = new ArrayList<>();

    /** Takes the output of {@code nft -j list ruleset}. */
    public FirewallRules(JsonNode ruleset) {
        for (JsonNode object : ruleset.path("nftables")) {
            if (object.has("chain")) chains.add(object.path("chain"));
            if (object.has("rule")) rules.add(object.path("rule"));
        }
    }

    /**
     * A rule, or the policy of a chain, that drops or rejects.
     *
     * @param isCertain whether the datagram comes there for sure
     * @param packets that its counter counts; -1 without one
     * @param chain as commands of {@code nft} name it: {@code inet filter input}
     * @param text what it is
     */
    public record Drop(boolean isCertain, long packets, String chain, String text) {}

    /** The way of one datagram through the chains. */
    private final class Walk {
        final FilteredPacket packet;
        final List<Drop> drops = new ArrayList<>();
        boolean mayBeAccepted;

        Walk(FilteredPacket packet) {
            this.packet = packet;
        }

        void base(JsonNode chain) {
            mayBeAccepted = false;
            boolean decided = chain(chain, Match.YES, 0);
            if (!decided && chain.path("policy").asText().equals("drop")) {
                drops.add(new Drop(!mayBeAccepted, -1, name(chain), "policy drop"));
            }
        }

        /** Whether the datagram's end is decided for sure. */
        boolean chain(JsonNode chain, Match reached, int depth) {
            for (JsonNode rule : rules) {
                if (!isOf(rule, chain)) continue;
                Match found = reached;
                long packets = -1;
                for (JsonNode statement : rule.path("expr")) {
                    if (statement.has("counter"))
                        packets = statement.path("counter").path("packets").asLong(-1);
                    found = found.and(condition(statement));
                    if (found == Match.NO) break;
                    End end = end(statement, rule, found, packets, depth);
                    if (end == End.DECIDED) return true;
                    if (end == End.LEFT) return false;
                }
            }
            return false;
        }

        private Match condition(JsonNode statement) {
            if (statement.has("match")) return packet.fits(statement.path("match"));
            return statement.has("limit") || statement.has("xt") || statement.has("quota") ? Match.MAYBE : Match.YES;
        }

        private End end(JsonNode statement, JsonNode rule, Match found, long packets, int depth) {
            if (statement.has("vmap")) return map(statement.path("vmap"), rule, found, packets, depth);
            boolean certain = found == Match.YES;
            if (statement.has("drop") || statement.has("reject")) {
                String word = statement.has("drop") ? "drop" : "reject";
                String text = word + " by rule handle " + rule.path("handle").asText();
                drops.add(new Drop(certain && !mayBeAccepted, packets, ruleChain(rule), text));
                return certain ? End.DECIDED : End.OPEN;
            }
            if (statement.has("accept")) {
                mayBeAccepted |= !certain;
                return certain ? End.DECIDED : End.OPEN;
            }
            if (statement.has("return")) return certain ? End.LEFT : End.OPEN;
            if (statement.has("jump")) return jump(statement.path("jump"), rule, found, depth, false);
            if (statement.has("goto")) return jump(statement.path("goto"), rule, found, depth, true);
            return End.OPEN;
        }

        private End jump(JsonNode jump, JsonNode rule, Match found, int depth, boolean forGood) {
            boolean decided = false;
            for (JsonNode chain : chains) {
                boolean isTarget = isOf(rule.path("table"), rule.path("family"), chain)
                        && chain.path("name").equals(jump.path("target"));
                if (isTarget && depth < DEEPEST) decided = chain(chain, found, depth + 1);
            }
            boolean certain = found == Match.YES;
            if (certain && decided) return End.DECIDED;
            return certain && forGood ? End.LEFT : End.OPEN;
        }

        private End map(JsonNode map, JsonNode rule, Match found, long packets, int depth) {
            JsonNode data = map.path("data");
            if (!data.has("set")) return End.OPEN;
            for (JsonNode element : data.path("set")) {
                Match chosen = found.and(packet.compare(map.path("key"), element.path(0)));
                if (chosen == Match.NO) continue;
                End end = end(element.path(1), rule, chosen, packets, depth);
                if (end != End.OPEN) return end;
            }
            return End.OPEN;
        }
    }

    private enum End {
        OPEN,
        LEFT,
        DECIDED
    }

    /** Rules and policies that drop the datagram, or may. */
    public List<Drop> drops(FilteredPacket packet) {
        Walk walk = new Walk(packet);
        for (JsonNode chain : chains) {
            boolean isOnWay =
                    (packet.isInput() ? IN : OUT).contains(chain.path("hook").asText());
            boolean concerns = packet.isOf(chain.path("family").asText()) && packet.passes(chain.path("dev"));
            if (isOnWay && concerns) walk.base(chain);
        }
        return walk.drops;
    }

    private static boolean isOf(JsonNode rule, JsonNode chain) {
        return isOf(rule.path("table"), rule.path("family"), chain)
                && rule.path("chain").equals(chain.path("name"));
    }

    private static boolean isOf(JsonNode table, JsonNode family, JsonNode chain) {
        return table.equals(chain.path("table")) && family.equals(chain.path("family"));
    }

    private static String name(JsonNode chain) {
        return chain.path("family").asText() + " " + chain.path("table").asText() + " "
                + chain.path("name").asText();
    }

    private static String ruleChain(JsonNode rule) {
        return rule.path("family").asText() + " " + rule.path("table").asText() + " "
                + rule.path("chain").asText();
    }
}
