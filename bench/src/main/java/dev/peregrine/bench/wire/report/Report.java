package dev.peregrine.bench.wire.report;

import dev.peregrine.bench.report.Check;
import dev.peregrine.bench.report.Machine;
import dev.peregrine.bench.report.Markdown;
import dev.peregrine.bench.report.Numbers;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.machine.Noise;
import dev.peregrine.bench.wire.row.Plan;
import java.util.List;

/** The result in Markdown. */
final class Report {
    private final Plan plan;
    private final Machine machine;
    private final Results results;
    private final Markdown text = new Markdown();

    private Report(Plan plan, Machine machine, Results results) {
        this.plan = plan;
        this.machine = machine;
        this.results = results;
    }

    static String markdown(Plan plan, Machine machine, Results results) {
        return new Report(plan, machine, results).write();
    }

    private String write() {
        line("# Into a container, through an overlay");
        line("");
        line("Machine: " + machine.text() + "  ");
        line("Command: `" + plan.command() + "`  ");
        line("%d interleaved rounds of %s s each; medians, and in brackets the least and the most. "
                        .formatted(plan.rounds(), Numbers.text(plan.seconds()))
                + "Compare within a table only: absolute figures drift from run to run.");
        checks();
        for (Mode mode : plan.modes()) {
            ModeSection.write(text, plan, mode, results);
        }
        contenders();
        noise();
        failures();
        return text.toString();
    }

    private void checks() {
        List<Check> checks = Checks.of(plan, results);
        if (checks.isEmpty()) {
            return;
        }
        line("");
        line("## What it is meant to show");
        line("");
        table(
                List.of("medians compared", "measured", "bound", "holds", "goal"),
                checks.stream()
                        .map(check -> List.of(
                                check.name(),
                                Numbers.text(check.value()) + " " + check.unit(),
                                check.boundText(),
                                check.holds() ? "yes" : "**no**",
                                Numbers.text(check.goal()) + (check.reachesGoal() ? " reached" : "")))
                        .toList());
    }

    private void contenders() {
        line("");
        line("## Who is who");
        line("");
        table(
                List.of("name", ""),
                plan.contenders().stream()
                        .map(contender -> List.of(contender.id(), contender.title()))
                        .toList());
        line("");
        line(
                "The UDP sender is pinned to CPU %d, Peregrine's only worker to CPU %d; all else runs where the kernel puts it."
                        .formatted(
                                plan.placement().senderCpu(), plan.placement().gatewayCpu()));
        if (!results.notes().isEmpty()) {
            line("");
        }
        results.notes().forEach(note -> line("- " + note));
    }

    private void noise() {
        List<Sample> noisy = results.samples().stream()
                .filter(sample -> sample.noise().noisy())
                .toList();
        line("");
        line("## Others on the machine");
        line("");
        line(
                "%d of %d samples are noisy: taken while processes that are not the benchmark's had more than %s %% of a core, or the"
                                .formatted(noisy.size(), results.samples().size(), Numbers.text(Noise.OTHERS_PERCENT))
                        + " hypervisor took more than %s %% of all CPU time (steal)."
                                .formatted(Numbers.text(Noise.STEAL_PERCENT)));
        if (!noisy.isEmpty()) {
            line("");
            table(
                    List.of(
                            "noisy",
                            "samples",
                            "others, % of a core, at most",
                            "steal, % at most",
                            "processes, % of a core"),
                    NoisyRow.of(results.samples()).stream().map(NoisyRow::cells).toList());
        }
    }

    private void failures() {
        if (results.failures().isEmpty()) {
            return;
        }
        line("");
        line("## What came to no result");
        line("");
        results.failures().forEach((what, reason) -> line("- %s: %s".formatted(what, reason)));
    }

    private void table(List<String> head, List<List<String>> rows) {
        text.table(head, rows);
    }

    private void line(String line) {
        text.line(line);
    }
}
