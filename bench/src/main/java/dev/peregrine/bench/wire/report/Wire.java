package dev.peregrine.bench.wire.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Experiment;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.experiment.Sample;
import dev.peregrine.bench.report.Check;
import dev.peregrine.bench.report.Markdown;
import dev.peregrine.bench.report.Picture;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.row.Lineup;
import dev.peregrine.bench.wire.row.Row;
import java.util.List;

/** The experiment of {@code scripts/bench wire}. Its points are rows in a mode, its series the contenders. */
public final class Wire extends Experiment {
    private static final String SEPARATOR = " · ";

    private final Lineup lineup;
    private final List<Case> cases;
    private final List<String> notes;

    /**
     * Contenders side by side.
     *
     * @param cases that stand for the lineup
     * @param notes that a reader of the results needs
     */
    public Wire(Lineup lineup, List<Case> cases, List<String> notes) {
        super("wire", "into a container, through an overlay", "wire");
        this.lineup = lineup;
        this.cases = List.copyOf(cases);
        this.notes = List.copyOf(notes);
    }

    /** The point of a row in a mode. */
    public static String point(Mode mode, Row row) {
        return mode.id() + SEPARATOR + row.id();
    }

    @Override
    public List<Case> cases(Plan plan) {
        return cases;
    }

    @Override
    public List<Check> checks(Results results) {
        return Checks.of(lineup, new Measured(results));
    }

    @Override
    public List<String> notes(Results results) {
        return notes;
    }

    @Override
    public List<Picture> charts(Results results) {
        return lineup.modes().stream()
                .flatMap(mode -> Charts.of(lineup, mode, new Measured(results)).stream())
                .toList();
    }

    @Override
    public void addTables(Markdown text, Results results) {
        for (Mode mode : lineup.modes()) {
            ModeSection.write(text, lineup, mode, new Measured(results));
        }
        text.heading(2, "Contenders");
        text.table(
                List.of("name", ""),
                lineup.contenders().stream()
                        .map(contender -> List.of(contender.id(), contender.title()))
                        .toList());
        text.line("")
                .line(
                        "The UDP sender is pinned to CPU %d, Peregrine's only worker to CPU %d; the scheduler places all other threads."
                                .formatted(
                                        lineup.placement().senderCpu(),
                                        lineup.placement().gatewayCpu()));
    }

    @Override
    public void addNames(ObjectNode node, String point, String series) {
        int separator = point.indexOf(SEPARATOR);
        node.put("mode", point.substring(0, separator)).put("row", point.substring(separator + SEPARATOR.length()));
        node.put("contender", series);
    }

    @Override
    public void addRows(ArrayNode rows, Results results) {
        Measured measured = new Measured(results);
        for (Mode mode : lineup.modes()) {
            for (Row row : lineup.rows(mode)) {
                for (Contender contender : lineup.contenders(row)) {
                    measured.cell(mode, row, contender).ifPresent(cell -> {
                        ObjectNode node = rows.addObject();
                        addNames(node, cell.point(), cell.series());
                        node.put("title", row.title());
                        cell.addTo(node, row.metric());
                        measured.metrics(mode, row, contender)
                                .forEach((metric, other) -> node.put(metric, other.median()));
                        addComparison(node, mode, row, contender, measured);
                        addLosses(node, measured.samples(mode, row, contender));
                    });
                }
            }
        }
    }

    private static void addComparison(ObjectNode node, Mode mode, Row row, Contender contender, Measured measured) {
        if (contender.isAnother()) {
            measured.compare(mode, row, Contender.PEREGRINE, contender)
                    .ifPresent(comparison -> node.put("peregrineAgainstThis", comparison.value())
                            .put("comparisonUnit", comparison.unit())
                            .put("overlapsPeregrine", comparison.overlaps()));
        }
    }

    private static void addLosses(ObjectNode node, List<Sample> samples) {
        node.put(
                "noisySamples",
                samples.stream().filter(sample -> sample.noise().noisy()).count());
        Losses losses = Losses.of(samples);
        ObjectNode drops = node.putObject("drops");
        losses.places().forEach((place, packets) -> drops.put(place, packets.median()));
        losses.unexplained().ifPresent(packets -> node.put("unexplainedPackets", packets.median()));
        losses.unexplainedPercent().ifPresent(percent -> node.put("unexplainedPercent", percent.median()));
    }
}
