package dev.peregrine.bench.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.bench.report.Check;
import dev.peregrine.bench.report.Machine;
import java.util.List;

/** The results of an experiment, so far. */
public record Outcome(Experiment experiment, Plan plan, Machine machine, Results results) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** As {@code experiment, machine, command, rounds, rows, checks}, all flat objects. */
    public ObjectNode json() {
        ObjectNode root = JSON.createObjectNode();
        root.put("experiment", experiment.name()).put("title", experiment.title());
        root.put("machine", machine.text()).put("command", plan.command());
        root.put("rounds", results.rounds()).put("seconds", plan.seconds());
        ArrayNode rows = root.putArray("rows");
        List<Row> predictions = experiment.predictions(results);
        for (Metric metric : experiment.metrics()) {
            Charts.rows(metric, results, predictions).forEach(row -> add(rows.addObject(), row, metric));
        }
        ArrayNode checks = root.putArray("checks");
        experiment.checks(results).forEach(check -> add(checks.addObject(), check));
        ArrayNode notes = root.putArray("notes");
        experiment.notes(results).forEach(notes::add);
        ArrayNode failures = root.putArray("failures");
        results.failures()
                .forEach(
                        (what, reason) -> failures.addObject().put("what", what).put("reason", reason));
        return root;
    }

    private static void add(ObjectNode node, Row row, Metric metric) {
        node.put("point", row.point()).put("series", row.series());
        node.put("metric", metric.name()).put("unit", metric.unit());
        node.put("median", row.summary().median());
        node.put("min", row.summary().min()).put("max", row.summary().max());
        node.put("low95", row.interval().low()).put("high95", row.interval().high());
        node.put("count", row.summary().count()).put("predicted", row.predicted());
    }

    private static void add(ObjectNode node, Check check) {
        node.put("name", check.name()).put("value", check.value()).put("unit", check.unit());
        node.put("bound", check.boundText()).put("holds", check.holds());
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
