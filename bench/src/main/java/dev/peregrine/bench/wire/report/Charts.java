package dev.peregrine.bench.wire.report;

import dev.peregrine.bench.report.BarChart;
import dev.peregrine.bench.report.Picture;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.row.Lineup;
import dev.peregrine.bench.wire.row.Row;
import java.util.ArrayList;
import java.util.List;

/** The result in pictures: rows of one unit side by side. */
final class Charts {
    /**
     * A picture.
     *
     * @param name of its file, behind that of the mode
     * @param rows matches the ids of its rows
     */
    private record Subject(String name, String title, String rows) {}

    private static final List<Subject> SUBJECTS = List.of(
            new Subject("udp-gro", "UDP into a GRO socket", "udp/.*/gro"),
            new Subject("udp-plain", "UDP into a plain socket", "udp/.*/plain"),
            new Subject("cpu", "CPU time for a packet, all cores together", "cpu/.*"),
            new Subject("loss", "UDP lost", "loss/.*"),
            new Subject("tcp", "TCP", "tcp/.*"),
            new Subject("latency", "Round trips, p50", "ping|rr/.*"));

    private Charts() {}

    /** Those that have something to show. */
    static List<Picture> of(Lineup lineup, Mode mode, Measured measured) {
        List<Picture> charts = new ArrayList<>();
        for (Subject subject : SUBJECTS) {
            List<Row> rows = lineup.rows(mode).stream()
                    .filter(row -> row.id().matches(subject.rows))
                    .toList();
            List<BarChart.Group> groups = rows.stream()
                    .map(row -> group(lineup, mode, row, measured))
                    .filter(group -> !group.bars().isEmpty())
                    .toList();
            if (!groups.isEmpty()) {
                charts.add(new BarChart(
                        "%s-%s.png".formatted(mode.id(), subject.name),
                        "%s, %s mode".formatted(subject.title, mode.id()),
                        rows.getFirst().metric().unit(),
                        lineup.contenders().stream()
                                .map(Contender::id)
                                .filter(id -> groups.stream().anyMatch(group -> group.has(id)))
                                .toList(),
                        groups));
            }
        }
        return charts;
    }

    private static BarChart.Group group(Lineup lineup, Mode mode, Row row, Measured measured) {
        List<BarChart.Bar> bars = new ArrayList<>();
        for (Contender contender : lineup.contenders(row)) {
            measured.summary(mode, row, contender)
                    .ifPresent(summary -> bars.add(new BarChart.Bar(contender.id(), summary)));
        }
        return new BarChart.Group(row.title(), bars);
    }
}
