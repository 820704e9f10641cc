package dev.peregrine.bench.experiment;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.peregrine.bench.report.Machine;
import dev.peregrine.bench.report.Progress;
import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Terminal;
import dev.peregrine.load.StopSignal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code bench}. */
@Command(
        name = "bench",
        description = {
            "Runs experiments on a gateway in memory: its own devices, schedules and workers, with a source of packets and"
                    + " destinations that cost next to nothing. Without a LIST it prints what there is.",
            "Reports (Markdown, SVG), results (JSON) and every sample go to a folder, and the reports to stdout. Wants the"
                    + " machine to itself. SIGINT ends it with what was measured so far."
        },
        sortOptions = false)
final class BenchCommand implements Callable<Integer> {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss");
    private static final double LONGEST_SECONDS = 3600;

    @Parameters(paramLabel = "LIST", arity = "0..*", description = "Experiments by name, or all.")
    private List<String> names = List.of();

    @Option(names = "--quick", description = "Fewer points, 3 rounds of half a second: to see whether it works.")
    private boolean quick;

    @Option(names = "--rounds", paramLabel = "N", description = "How often everything is measured. Default: 11.")
    private @Nullable Integer rounds;

    @Option(names = "--seconds", paramLabel = "S", description = "Of each measurement. Default: 2.")
    private @Nullable Double seconds;

    @Option(names = "--warm-up", paramLabel = "S", description = "Of each case before the first round. Default: 3.")
    private @Nullable Double warmUpSeconds;

    @Option(names = "--out", paramLabel = "FOLDER", description = "Default: bench-results/<date and time>.")
    private @Nullable Path out;

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
        Plan plan = new Plan(
                quick,
                rounds != null ? rounds : quick ? 3 : 11,
                seconds != null ? seconds : quick ? 0.5 : 2,
                warmUpSeconds != null ? warmUpSeconds : quick ? 1 : 3,
                Arrays.stream(CpuAffinity.current()).boxed().toList(),
                "peregrine bench " + String.join(" ", names) + (quick ? " --quick" : "")
                        + (rounds != null ? " --rounds " + rounds : "")
                        + (seconds != null ? " --seconds " + seconds : "")
                        + (warmUpSeconds != null ? " --warm-up " + warmUpSeconds : ""));
        require(plan.rounds() > 0 && plan.rounds() <= 1000, "--rounds: expected 1 to 1000");
        require(isDuration(plan.seconds()), "--seconds: expected more than 0 and at most 3600");
        require(isDuration(plan.warmUpSeconds()), "--warm-up: expected more than 0 and at most 3600");
        return plan;
    }

    private static boolean isDuration(double seconds) {
        return seconds > 0 && seconds <= LONGEST_SECONDS;
    }

    private static void require(boolean holds, String message) throws CommandFailed {
        if (!holds) throw new CommandFailed(Exit.USAGE, message);
    }

    private void run(List<Experiment> experiments, Plan plan, StopSignal stop) throws IOException {
        Path folder = Files.createDirectories(
                out != null
                        ? out
                        : Path.of(
                                "bench-results",
                                LocalDateTime.now(ZoneId.systemDefault()).format(DATE)));
        List<Outcome> outcomes = new ArrayList<>();
        try {
            for (Experiment experiment : experiments) {
                List<Case> cases = experiment.cases(plan);
                double expected = plan.totalSeconds(cases.size());
                Progress progress = new Progress(terminal.err(), plan.rounds() * cases.size(), expected);
                progress.say("%s: %s. About %s; results: %s"
                        .formatted(experiment.name(), experiment.title(), Progress.duration(expected), folder));
                Rounds run = new Rounds(experiment, cases, plan, Machine.here(), new OutcomeFolder(folder), progress);
                outcomes.add(run.outcome());
                run.run();
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
            outcomes.forEach(outcome -> terminal.out().println(Report.markdown(outcome)));
        }
        terminal.out().flush();
    }
}
