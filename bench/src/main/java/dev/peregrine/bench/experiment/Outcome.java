package dev.peregrine.bench.experiment;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.bench.machine.Machine;
import dev.peregrine.bench.report.Check;

/** The results of an experiment, so far. */
public record Outcome(Experiment experiment, Plan plan, Machine machine, Results results) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Of an experiment that begins on this machine. */
    public Outcome(Experiment experiment, Plan plan, Machine machine) {
        this(experiment, plan, machine, new Results());
    }

    /** As {@code experiment, machine, command, rounds, rows, checks}. */
    public ObjectNode json() {
        ObjectNode root = JSON.createObjectNode();
        root.put("experiment", experiment.name()).put("title", experiment.title());
        root.put("machine", machine.text()).put("command", plan.command());
        root.put("rounds", results.rounds()).put("seconds", plan.seconds());
        experiment.addRows(root.putArray("rows"), results);
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

    private static void add(ObjectNode node, Check check) {
        node.put("name", check.name()).put("value", check.value()).put("unit", check.unit());
        node.put("bound", check.boundText()).put("holds", check.holds()).put("goal", check.goal());
    }

    /** In Markdown. */
    public String report() {
        return Report.markdown(this);
    }

    /** A sample in one line of JSON. */
    String line(Sample sample) {
        ObjectNode node = JSON.createObjectNode();
        experiment.addNames(node, sample.point(), sample.series());
        node.put("round", sample.round());
        node.set("metrics", JSON.valueToTree(sample.metrics()));
        node.set("drops", JSON.valueToTree(sample.drops()));
        node.set("noise", JSON.valueToTree(sample.noise()));
        return node + "\n";
    }
}
