package dev.peregrine.bench.wire.report;

import dev.peregrine.bench.report.Chart;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.row.Latency;
import dev.peregrine.bench.wire.row.LossRow;
import dev.peregrine.bench.wire.row.Plan;
import dev.peregrine.bench.wire.row.Row;
import dev.peregrine.bench.wire.row.TcpRow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The result in pictures: rows of one unit side by side. */
final class Charts {
    private Charts() {}

    /** Those that have something to show. */
    static List<Chart> of(Plan plan, Mode mode, Results results) {
        List<Chart> charts = new ArrayList<>();
        add(
                charts,
                plan,
                mode,
                results,
                "udp-gro",
                "UDP into a GRO socket",
                row -> row.id().matches("udp/.*/gro"));
        add(
                charts,
                plan,
                mode,
                results,
                "udp-plain",
                "UDP into a plain socket",
                row -> row.id().matches("udp/.*/plain"));
        add(
                charts,
                plan,
                mode,
                results,
                "cpu",
                "CPU per packet",
                row -> row.id().startsWith("cpu/"));
        add(charts, plan, mode, results, "loss", "UDP lost", LossRow.class::isInstance);
        add(charts, plan, mode, results, "tcp", "TCP", TcpRow.class::isInstance);
        add(
                charts,
                plan,
                mode,
                results,
                "latency",
                "Round trips, p50",
                row -> row.metric().equals(Latency.P50));
        return charts;
    }

    private static void add(
            List<Chart> charts,
            Plan plan,
            Mode mode,
            Results results,
            String name,
            String title,
            Predicate<Row> wanted) {
        List<Row> rows = plan.rows(mode).stream().filter(wanted).toList();
        List<Chart.Group> groups = rows.stream()
                .map(row -> group(plan, mode, row, results))
                .filter(group -> !group.bars().isEmpty())
                .toList();
        if (groups.isEmpty()) {
            return;
        }
        List<String> series = plan.contenders().stream()
                .map(Contender::id)
                .filter(id -> groups.stream()
                        .flatMap(group -> group.bars().stream())
                        .anyMatch(bar -> bar.series().equals(id)))
                .toList();
        charts.add(new Chart(
                "%s-%s.svg".formatted(mode.id(), name),
                "%s, %s mode".formatted(title, mode.id()),
                rows.getFirst().unit(),
                series,
                groups));
    }

    private static Chart.Group group(Plan plan, Mode mode, Row row, Results results) {
        List<Chart.Bar> bars = new ArrayList<>();
        for (Contender contender : plan.contenders(row)) {
            results.summary(mode, row, contender)
                    .ifPresent(summary -> bars.add(new Chart.Bar(contender.id(), summary)));
        }
        return new Chart.Group(row.title(), bars);
    }
}
