package dev.peregrine.bench.wire.lab;

import java.util.List;
import java.util.StringJoiner;

/**
 * A policy of a hundred rules for the overlay, as configuration text: ninety-nine of four shapes that none of the
 * traffic meets, then the one that lets it pass. Flows that passed are remembered, so that their replies need no rule.
 */
final class HundredRules {
    private static final int OTHERS = 99;

    private static final List<String> SHAPES = List.of(
            "protocol: tcp, destination: [10.1.%d.1/32], destinationPorts: [443]",
            "protocol: tcp, source: [10.2.%d.0/24], destinationPorts: [8000-8100]",
            "protocol: udp, source: [10.3.%d.1/32], destination: [10.4.0.0/16]",
            "protocol: udp, destination: [10.5.%d.0/24], destinationPorts: [53]");

    private HundredRules() {}

    /** The value of the key {@code policy}. */
    static String text() {
        StringJoiner rules = new StringJoiner(", ");
        for (int i = 0; i < OTHERS; i++) {
            String match = SHAPES.get(i % SHAPES.size()).formatted(i);
            rules.add("{name: other%d, action: deny, %s}".formatted(i, match));
        }
        rules.add("{name: traffic, action: allow}");
        return "{replies: true, in: {default: deny, rules: [%s]}}".formatted(rules);
    }
}
