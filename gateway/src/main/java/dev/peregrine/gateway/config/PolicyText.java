package dev.peregrine.gateway.config;

import dev.peregrine.dataplane.policy.match.Match;
import dev.peregrine.gateway.config.keys.PacketKeys;
import dev.peregrine.gateway.config.keys.PolicyKeys;
import dev.peregrine.gateway.config.keys.PolicyTypes;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.policy.PacketConfig;
import dev.peregrine.gateway.config.model.policy.PolicyConfig;
import dev.peregrine.gateway.config.model.policy.RuleConfig;
import dev.peregrine.gateway.config.rules.PolicyRules;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.config.schema.ConfigError;
import dev.peregrine.gateway.config.schema.Key;
import dev.peregrine.gateway.config.schema.Place;
import dev.peregrine.gateway.config.schema.Reading;
import dev.peregrine.gateway.config.schema.Table;
import dev.peregrine.gateway.config.schema.Yaml;
import dev.peregrine.gateway.config.value.Addresses;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Policies and rules as YAML of their own, in the words of the configuration file. */
public final class PolicyText {
    private static final String IP_OR_NOT = "source and destination with a protocol above IP, and with no other";

    private PolicyText() {}

    /**
     * Reads what may stand under {@code policy}.
     *
     * @param name stands for the file in messages
     * @param sets the names of the address sets that there are
     * @param port whose it is to be; null for a VNI
     */
    public static PolicyConfig policy(String name, String text, Set<String> sets, @Nullable PortConfig port)
            throws BadConfig {
        return read(
                name, text, PolicyKeys.POLICY, (reading, policy) -> new PolicyRules(reading, sets).check(policy, port));
    }

    /** Reads one rule; the parameters as for {@link #policy}. */
    public static RuleConfig rule(String name, String text, Set<String> sets) throws BadConfig {
        return read(name, text, PolicyKeys.RULE, (reading, rule) -> new PolicyRules(reading, sets).check(rule));
    }

    /** Reads the description of a packet. */
    public static PacketConfig packet(String name, String text) throws BadConfig {
        return read(name, text, PacketKeys.PACKET, (reading, packet) -> checkFamilies(reading, packet));
    }

    private static void checkFamilies(Reading reading, PacketConfig packet) {
        boolean ip = packet.protocol() < Match.ARP;
        if (packet.source().isPresent() != ip || packet.destination().isPresent() != ip) {
            reading.error(packet, "source", "protocol " + PolicyTypes.protocolText(packet.protocol()), IP_OR_NOT);
        } else if (ip
                && !Addresses.sameFamily(
                        packet.source().get(), packet.destination().get())) {
            reading.error(packet, "destination", "another family than source", "both IPv4 or both IPv6");
        }
    }

    private static <R extends Record> R read(String name, String text, Table<R> table, BiConsumer<Reading, R> check)
            throws BadConfig {
        Reading reading = new Reading(name);
        R part = null;
        try {
            part = table.read(Place.top(reading), Yaml.read(text));
        } catch (MarkedYamlEngineException failure) {
            int line = failure.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            reading.error(line, "", "a syntax error: " + failure.getProblem(), "YAML");
        } catch (YamlEngineException failure) {
            reading.error(0, "", "a syntax error: " + failure.getMessage(), "YAML");
        }
        if (part != null) check.accept(reading, part);
        List<ConfigError> errors = reading.errors();
        if (part == null || !errors.isEmpty()) throw new BadConfig(errors);
        return part;
    }

    /** A policy in one line of YAML. */
    public static String line(PolicyConfig policy) {
        return Yaml.line(PolicyKeys.POLICY.yaml(policy));
    }

    /** A policy as YAML that reads back as the same. */
    public static String yaml(PolicyConfig policy) {
        return Yaml.write(PolicyKeys.POLICY.yaml(policy));
    }

    /** The conditions of a rule, as the words of its keys. */
    public static String match(RuleConfig rule) {
        StringBuilder words = new StringBuilder();
        for (Key<RuleConfig, ?> key : PolicyKeys.RULE.keys()) {
            Object value = PolicyKeys.isMatch(key) ? key.yaml(rule) : null;
            if (value != null && !value.equals(List.of()) && !value.equals("any")) {
                String text = value instanceof List<?> list
                        ? String.join(",", list.stream().map(String::valueOf).toList())
                        : value.toString();
                words.append(words.isEmpty() ? "" : " ")
                        .append(key.name())
                        .append(' ')
                        .append(text);
            }
        }
        return words.toString();
    }
}
