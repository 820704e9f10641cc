package dev.peregrine.bench.experiment;

import dev.peregrine.bench.machine.Noise;
import dev.peregrine.bench.report.Check;
import dev.peregrine.bench.report.Markdown;
import dev.peregrine.bench.report.Numbers;
import java.util.List;

/** An outcome in Markdown. */
final class Report {
    private final Experiment experiment;
    private final Results results;
    private final Markdown text = new Markdown();

    private Report(Outcome outcome) {
        experiment = outcome.experiment();
        results = outcome.results();
        text.line("# " + experiment.name() + ": " + experiment.title()).line("");
        text.line("Machine: " + outcome.machine().text() + "  ");
        text.line("Command: `" + outcome.plan().command() + "`  ");
        text.line("Method and limits: " + experiment.page() + "  ");
        head(outcome.plan());
    }

    static String markdown(Outcome outcome) {
        return new Report(outcome).write();
    }

    private void head(Plan plan) {
        text.line(
                "%d interleaved rounds of %s s each. Medians; in parentheses the least and the most; in brackets, where there are any, the 95%% interval of the median (bootstrap). "
                                .formatted(results.rounds(), Numbers.text(plan.seconds()))
                        + "Compare within a table only: absolute figures drift from run to run.");
        if (results.rounds() < plan.rounds()) {
            text.line("").line("**Interrupted: %d rounds were wanted.**".formatted(plan.rounds()));
        }
    }

    private String write() {
        checks();
        experiment.addTables(text, results);
        experiment.notes(results).forEach(note -> text.line("").line(note));
        noise();
        failures();
        return text.toString();
    }

    private void checks() {
        List<Check> checks = experiment.checks(results);
        if (checks.isEmpty()) {
            return;
        }
        text.heading(2, "Checks");
        text.table(
                List.of("", "measured", "bound", "holds", "goal"),
                checks.stream()
                        .map(check -> List.of(
                                check.name(),
                                Numbers.text(check.value()) + " " + check.unit(),
                                check.boundText(),
                                check.holds() ? "yes" : "**no**",
                                check.goalText()))
                        .toList());
    }

    private void noise() {
        long noisy = results.samples().stream()
                .filter(sample -> sample.noise().noisy())
                .count();
        text.heading(2, "Others on the machine");
        text.line(
                "%d of %d samples are noisy: taken while processes that are not the benchmark's had more than %s %% of a core, or the"
                                .formatted(noisy, results.samples().size(), Numbers.text(Noise.OTHERS_PERCENT))
                        + " hypervisor took more than %s %% of all CPU time (steal)."
                                .formatted(Numbers.text(Noise.STEAL_PERCENT)));
        text.tableOfAny(
                List.of(
                        "noisy",
                        "samples",
                        "others, % of a core, at most",
                        "steal, % at most",
                        "processes, % of a core"),
                NoisyPoint.of(results.samples()).stream().map(NoisyPoint::cells).toList());
    }

    private void failures() {
        if (!results.failures().isEmpty()) {
            text.heading(2, "Failures");
            results.failures().forEach((what, reason) -> text.line("- %s: %s".formatted(what, reason)));
        }
    }
}
