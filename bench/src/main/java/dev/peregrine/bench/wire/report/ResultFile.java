package dev.peregrine.bench.wire.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.bench.report.Check;
import dev.peregrine.bench.report.Machine;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.row.Plan;
import dev.peregrine.bench.wire.row.Row;
import java.util.List;

/**
 * The result as JSON: {@code experiment, machine, command, rounds, rows, checks}, flat objects except for a row's
 * {@code drops}. A row holds one contender's values in one line of the report.
 */
final class ResultFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ResultFile() {}

    static String json(Plan plan, Machine machine, Results results) {
        ObjectNode root = JSON.createObjectNode();
        root.put("experiment", "wire");
        root.put("machine", machine.text());
        root.put("command", plan.command());
        root.put("rounds", plan.rounds());
        root.put("seconds", plan.seconds());
        ArrayNode rows = root.putArray("rows");
        for (Mode mode : plan.modes()) {
            for (Row row : plan.rows(mode)) {
                for (Contender contender : plan.contenders(row)) {
                    results.summary(mode, row, contender).ifPresent(summary -> {
                        ObjectNode node =
                                rows.addObject().put("mode", mode.id()).put("row", row.id());
                        node.put("title", row.title()).put("contender", contender.id());
                        node.put("metric", row.metric()).put("unit", row.unit()).put("median", summary.median());
                        node.put("min", summary.min()).put("max", summary.max()).put("count", summary.count());
                        results.metrics(mode, row, contender)
                                .forEach((metric, other) -> node.put(metric, other.median()));
                        comparison(node, mode, row, contender, results);
                        losses(node, results.samples(mode, row, contender));
                    });
                }
            }
        }
        ArrayNode checks = root.putArray("checks");
        for (Check check : Checks.of(plan, results)) {
            ObjectNode node = checks.addObject().put("name", check.name()).put("value", check.value());
            node.put("unit", check.unit()).put("bound", check.boundText()).put("holds", check.holds());
            node.put("goal", check.goal());
        }
        ArrayNode notes = root.putArray("notes");
        results.notes().forEach(notes::add);
        ArrayNode failures = root.putArray("failures");
        results.failures()
                .forEach(
                        (what, reason) -> failures.addObject().put("what", what).put("reason", reason));
        return root.toPrettyString() + "\n";
    }

    private static void losses(ObjectNode node, List<Sample> samples) {
        node.put(
                "noisySamples",
                samples.stream().filter(sample -> sample.noise().noisy()).count());
        Losses losses = Losses.of(samples);
        ObjectNode drops = node.putObject("drops");
        losses.places().forEach((place, packets) -> drops.put(place, packets.median()));
        losses.unexplained().ifPresent(packets -> node.put("unexplainedPackets", packets.median()));
        losses.unexplainedPercent().ifPresent(percent -> node.put("unexplainedPercent", percent.median()));
    }

    private static void comparison(ObjectNode node, Mode mode, Row row, Contender contender, Results results) {
        if (contender.isAnother()) {
            results.compare(mode, row, Contender.PEREGRINE, contender)
                    .ifPresent(comparison -> node.put("peregrineAgainstThis", comparison.value())
                            .put("comparisonUnit", comparison.unit())
                            .put("overlapsPeregrine", comparison.overlaps()));
        }
    }

    /** A sample in one line. */
    static String line(Sample sample) {
        try {
            return JSON.writeValueAsString(sample) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
