package dev.peregrine.bench.experiment;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.peregrine.bench.machine.Machine;
import dev.peregrine.bench.report.Progress;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Terminal;
import dev.peregrine.load.StopSignal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The command {@code bench}. */
@Command(
        name = "bench",
        description = {
            "Runs experiments on a gateway in memory: its own devices, schedules and workers, with a source of packets and"
                    + " destinations that cost next to nothing. Without a LIST it prints what there is.",
            "Reports (Markdown, charts), results (JSON) and every sample go to a folder, and the reports to stdout. Wants the"
                    + " machine to itself. SIGINT ends it with what was measured so far.",
            "Without options: 11 rounds of 2 s, 3 s of warm-up; with --quick 3 rounds of half a second, 1 s. The folder:"
                    + " bench-results/<date and time>."
        },
        sortOptions = false)
final class BenchCommand implements Callable<Integer> {
    private static final RunOptions.Defaults DEFAULTS = new RunOptions.Defaults(11, 2, 3);
    private static final RunOptions.Defaults QUICK = new RunOptions.Defaults(3, 0.5, 1);

    @Parameters(paramLabel = "LIST", arity = "0..*", description = "Experiments by name, or all.")
    private List<String> names = List.of();

    @Mixin
    private RunOptions options = new RunOptions();

    private final Terminal terminal;

    BenchCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws CommandFailed {
        if (names.isEmpty()) {
            list();
            return Exit.DONE;
        }
        List<Experiment> experiments = experiments();
        try (StopSignal stop = StopSignal.install()) {
            stop.whenRequested(Thread.currentThread()::interrupt);
            run(experiments, plan(), stop);
            return Exit.DONE;
        } catch (IOException failure) {
            throw new CommandFailed(Exit.REFUSED, String.valueOf(failure.getMessage()));
        }
    }

    private void list() {
        if (terminal.json()) {
            ArrayNode rows = new ObjectMapper().createArrayNode();
            Catalogue.all()
                    .forEach(experiment -> rows.addObject()
                            .put("experiment", experiment.name())
                            .put("title", experiment.title()));
            terminal.out().println(rows.toPrettyString());
        } else {
            Catalogue.all()
                    .forEach(experiment -> terminal.out()
                            .println(String.format(Locale.ROOT, "%-10s %s", experiment.name(), experiment.title())));
        }
    }

    private List<Experiment> experiments() throws CommandFailed {
        if (names.equals(List.of("all"))) {
            return Catalogue.all();
        }
        List<Experiment> experiments = new ArrayList<>();
        for (String name : names) {
            experiments.add(Catalogue.find(name)
                    .orElseThrow(() -> new CommandFailed(
                            Exit.USAGE, "there is no experiment " + name + ": peregrine bench lists what there is")));
        }
        return experiments;
    }

    private Plan plan() throws CommandFailed, IOException {
        try {
            return options.plan(
                    options.isQuick() ? QUICK : DEFAULTS,
                    "peregrine bench " + String.join(" ", names) + options.text());
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(Exit.USAGE, String.valueOf(e.getMessage()));
        }
    }

    private void run(List<Experiment> experiments, Plan plan, StopSignal stop) throws IOException {
        Path folder = options.folder("bench-results/");
        List<Outcome> outcomes = new ArrayList<>();
        try {
            for (Experiment experiment : experiments) {
                List<Case> cases = experiment.cases(plan);
                double expected = plan.totalSeconds(cases);
                Progress progress = new Progress(terminal.err(), plan.rounds() * cases.size(), expected);
                progress.say("%s: %s. About %s; results: %s"
                        .formatted(experiment.name(), experiment.title(), Progress.duration(expected), folder));
                Outcome outcome = new Outcome(experiment, plan, Machine.here());
                outcomes.add(outcome);
                new Rounds(outcome, cases, OutcomeFolder.shared(folder, experiment), progress).run();
            }
        } catch (InterruptedException interrupted) {
            if (!stop.requested()) Thread.currentThread().interrupt();
            terminal.err().println("Interrupted: what was measured so far is in " + folder);
        }
        print(outcomes);
    }

    private void print(List<Outcome> outcomes) {
        if (terminal.json()) {
            ArrayNode all = new ObjectMapper().createArrayNode();
            outcomes.forEach(outcome -> all.add(outcome.json()));
            terminal.out().println((all.size() == 1 ? all.get(0) : all).toPrettyString());
        } else {
            outcomes.forEach(outcome -> terminal.out().println(outcome.report()));
        }
        terminal.out().flush();
    }
}
