package dev.peregrine.bench.wire;

import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Outcome;
import dev.peregrine.bench.experiment.OutcomeFolder;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.Rounds;
import dev.peregrine.bench.machine.Machine;
import dev.peregrine.bench.report.Progress;
import dev.peregrine.bench.wire.lab.Ends;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.report.Wire;
import dev.peregrine.bench.wire.row.Lineup;
import dev.peregrine.bench.wire.row.Rows;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Measures a lineup, mode by mode. */
final class WireRun {
    private final Lineup lineup;
    private final Plan plan;
    private final Labs labs;
    private final OutcomeFolder folder;
    private final Map<Mode, List<Case>> cases = new EnumMap<>(Mode.class);
    private final Outcome outcome;
    private final Progress progress;

    WireRun(Lineup lineup, Plan plan, Labs labs, OutcomeFolder folder, PrintWriter messages) throws IOException {
        this.lineup = lineup;
        this.plan = plan;
        this.labs = labs;
        this.folder = folder;
        double expected = 0;
        for (Mode mode : lineup.modes()) {
            List<Case> some = cases(mode);
            if (!some.isEmpty()) {
                cases.put(mode, some);
                expected += plan.totalSeconds(some)
                        + Labs.INSTALLATION_SECONDS * lineup.contenders(mode).size();
            }
        }
        List<Case> all = cases.values().stream().flatMap(List::stream).toList();
        outcome = new Outcome(new Wire(lineup, all, notes()), plan, Machine.here());
        progress = new Progress(messages, plan.rounds() * all.size(), expected);
        progress.say("About %s. Results: %s".formatted(Progress.duration(expected), folder.folder()));
    }

    private List<Case> cases(Mode mode) {
        return lineup.rows(mode).stream()
                .flatMap(row -> lineup.contenders(row).stream()
                        .map(contender -> new Case(
                                Wire.point(mode, row),
                                contender.id(),
                                new LabMeasurement(row, contender, labs, lineup.placement()))))
                .toList();
    }

    private List<String> notes() {
        return lineup.rows().contains(Rows.PING) && !Ends.pingsOverIpv4()
                ? List.of("This machine's kernel answers no pings over IPv4: they are over IPv6.")
                : List.of();
    }

    /**
     * Takes the measurements.
     *
     * @throws IOException if nothing more can be measured
     */
    Outcome run() throws IOException, InterruptedException {
        for (Map.Entry<Mode, List<Case>> entry : cases.entrySet()) {
            try (labs) {
                labs.install(entry.getKey(), lineup.contenders(entry.getKey()), outcome.results(), progress);
                new Rounds(outcome, installed(entry.getValue()), folder, progress).run();
            }
        }
        return outcome;
    }

    /** Without those whose contender could not be installed. */
    private List<Case> installed(List<Case> all) {
        List<Case> installed = all.stream()
                .filter(each -> labs.has(((LabMeasurement) each.measurement()).contender()))
                .toList();
        for (Case each : all) {
            if (!installed.contains(each)) {
                progress.skipped(plan.rounds(), plan.totalSeconds(List.of(each)));
            }
        }
        return installed;
    }
}
