package dev.peregrine.gateway.doctor.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.gateway.doctor.probe.FirewallRules.Drop;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rulesets as {@code nft -j list ruleset} prints them, and a datagram from 198.18.0.1 to UDP port 4789 at uB. */
class FirewallRulesTest {
    private static final String INPUT = chain("input", "input", "accept");

    private static String chain(String name, String hook, String policy) {
        return """
                {"chain": {"family": "inet", "table": "fw", "name": "%s", "hook": "%s", "policy": "%s"}}
                """.formatted(name, hook, policy);
    }

    private static String plainChain(String name) {
        return "{\"chain\": {\"family\": \"inet\", \"table\": \"fw\", \"name\": \"%s\"}}".formatted(name);
    }

    private static String rule(String chain, String... statements) {
        return """
                {"rule": {"family": "inet", "table": "fw", "chain": "%s", "handle": 7, "expr": [%s]}}
                """.formatted(chain, String.join(", ", statements));
    }

    private static String match(String left, String operator, String right) {
        return "{\"match\": {\"op\": \"%s\", \"left\": %s, \"right\": %s}}".formatted(operator, left, right);
    }

    private static String port(String right) {
        return match("{\"payload\": {\"protocol\": \"udp\", \"field\": \"dport\"}}", "==", right);
    }

    private static List<Drop> drops(String... objects) {
        return drops(true, objects);
    }

    private static List<Drop> drops(boolean isInput, String... objects) {
        InetAddress remote = InetAddress.ofLiteral("198.18.0.1");
        InetAddress local = InetAddress.ofLiteral("198.18.0.2");
        FilteredPacket packet =
                new FilteredPacket(isInput ? remote : local, isInput ? local : remote, "uB", isInput, 4789);
        try {
            String ruleset = "{\"nftables\": [" + String.join(", ", objects) + "]}";
            return new FirewallRules(new ObjectMapper().readTree(ruleset)).drops(packet);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static final String DROP = "{\"drop\": null}";
    private static final String ACCEPT = "{\"accept\": null}";

    /** yes: drops for sure; maybe; no. */
    private static String verdict(List<Drop> drops) {
        if (drops.isEmpty()) return "no";
        return drops.getFirst().isCertain() ? "yes" : "maybe";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "yes   | {\"payload\": {\"protocol\": \"udp\", \"field\": \"dport\"}}  | == | 4789",
                "no    | {\"payload\": {\"protocol\": \"udp\", \"field\": \"dport\"}}  | == | 4790",
                "no    | {\"payload\": {\"protocol\": \"udp\", \"field\": \"dport\"}}  | != | 4789",
                "yes   | {\"payload\": {\"protocol\": \"udp\", \"field\": \"dport\"}}  | == | {\"range\": [4000, 4800]}",
                "yes   | {\"payload\": {\"protocol\": \"th\", \"field\": \"dport\"}}   | == | {\"set\": [53, 4789]}",
                "maybe | {\"payload\": {\"protocol\": \"udp\", \"field\": \"dport\"}}  | == | \"@ports\"",
                "maybe | {\"payload\": {\"protocol\": \"udp\", \"field\": \"sport\"}}  | == | 50000",
                "no    | {\"payload\": {\"protocol\": \"tcp\", \"field\": \"dport\"}}  | == | 4789",
                "yes   | {\"payload\": {\"protocol\": \"ip\", \"field\": \"saddr\"}}   | == | \"198.18.0.1\"",
                "no    | {\"payload\": {\"protocol\": \"ip\", \"field\": \"saddr\"}}   | == | \"198.18.0.9\"",
                "yes   | {\"payload\": {\"protocol\": \"ip\", \"field\": \"saddr\"}}   | == |"
                        + " {\"prefix\": {\"addr\": \"198.18.0.0\", \"len\": 24}}",
                "no    | {\"payload\": {\"protocol\": \"ip6\", \"field\": \"saddr\"}}  | == | \"fd00::1\"",
                "yes   | {\"meta\": {\"key\": \"l4proto\"}}  | == | \"udp\"",
                "no    | {\"meta\": {\"key\": \"l4proto\"}}  | == | \"tcp\"",
                "yes   | {\"meta\": {\"key\": \"iifname\"}}  | != | \"lo\"",
                "yes   | {\"meta\": {\"key\": \"iifname\"}}  | == | \"u*\"",
                "no    | {\"meta\": {\"key\": \"iifname\"}}  | == | \"lo\"",
                "no    | {\"ct\": {\"key\": \"state\"}}      | in | \"invalid\"",
                "maybe | {\"ct\": {\"key\": \"state\"}}      | in | \"new\"",
                "maybe | {\"meta\": {\"key\": \"mark\"}}     | == | 1"
            })
    void aRuleMatchesOrNotOrPerhaps(String expected, String left, String operator, String right) {
        assertEquals(expected, verdict(drops(INPUT, rule("input", match(left, operator, right), DROP))));
    }

    @Test
    void whatIsAcceptedBeforeIsNotDropped() {
        assertEquals("no", verdict(drops(INPUT, rule("input", port("4789"), ACCEPT), rule("input", DROP))));
        String perhaps = match("{\"meta\": {\"key\": \"mark\"}}", "==", "1");
        assertEquals("maybe", verdict(drops(INPUT, rule("input", perhaps, ACCEPT), rule("input", DROP))));
    }

    @Test
    void aPolicyDropsWhatNoRuleAccepts() {
        String drops = chain("input", "input", "drop");
        assertEquals("yes", verdict(drops(drops)));
        assertEquals("no", verdict(drops(drops, rule("input", port("4789"), ACCEPT))));
        assertEquals("policy drop", drops(drops).getFirst().text());
    }

    @Test
    void otherChainsAreFollowed() {
        String jump = rule("input", port("4789"), "{\"jump\": {\"target\": \"vxlan\"}}");
        List<Drop> drops = drops(
                INPUT, plainChain("vxlan"), jump, rule("vxlan", "{\"counter\": {\"packets\": 9, \"bytes\": 1}}", DROP));
        assertEquals(List.of(new Drop(true, 9, "inet fw vxlan", "drop by rule handle 7")), drops);
        String loop = rule("vxlan", "{\"jump\": {\"target\": \"vxlan\"}}");
        assertEquals("no", verdict(drops(INPUT, plainChain("vxlan"), jump, loop)));
        String back = rule("vxlan", "{\"return\": null}");
        assertEquals("no", verdict(drops(INPUT, plainChain("vxlan"), jump, back, rule("vxlan", DROP))));
    }

    @Test
    void aMapChoosesAVerdict() {
        String key = "{\"payload\": {\"protocol\": \"udp\", \"field\": \"dport\"}}";
        String map = "{\"vmap\": {\"key\": %s, \"data\": {\"set\": [[53, %s], [4789, %s]]}}}";
        assertEquals("yes", verdict(drops(INPUT, rule("input", map.formatted(key, ACCEPT, DROP)))));
        assertEquals("no", verdict(drops(INPUT, rule("input", map.formatted(key, DROP, ACCEPT)))));
    }

    @Test
    void aLimitOrAnExtensionMayMatch() {
        assertEquals("maybe", verdict(drops(INPUT, rule("input", "{\"limit\": {\"rate\": 1}}", DROP))));
        assertEquals("maybe", verdict(drops(INPUT, rule("input", "{\"xt\": null}", DROP))));
    }

    @Test
    void eachDirectionHasItsHooks() {
        String output = chain("out", "output", "drop");
        assertEquals("no", verdict(drops(true, output)));
        assertEquals("yes", verdict(drops(false, output)));
        assertEquals("no", verdict(drops(false, chain("fwd", "forward", "drop"))));
    }
}
