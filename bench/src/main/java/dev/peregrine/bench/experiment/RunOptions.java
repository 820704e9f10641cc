package dev.peregrine.bench.experiment;

import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that runs experiments. */
public final class RunOptions {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss");
    private static final double LONGEST_SECONDS = 3600;
    private static final int MOST_ROUNDS = 1000;

    @Option(names = "--quick", description = "Less of it, in fewer and shorter rounds: to see whether it works.")
    private boolean quick;

    @Option(names = "--rounds", paramLabel = "N", description = "How often everything is measured.")
    private @Nullable Integer rounds;

    @Option(names = "--seconds", paramLabel = "S", description = "Of each measurement.")
    private @Nullable Double seconds;

    @Option(names = "--warm-up", paramLabel = "S", description = "Of each case before the first round.")
    private @Nullable Double warmUpSeconds;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "Of the results. Default: one named by date and time.")
    private @Nullable Path out;

    /** The options that hold where the command line says nothing else. */
    public record Defaults(int rounds, double seconds, double warmUpSeconds) {}

    /** Whether {@code --quick} was given. */
    public boolean isQuick() {
        return quick;
    }

    /**
     * The plan of a run.
     *
     * @param command how it was asked for
     * @throws IllegalArgumentException if an option's value makes no sense; the message names it
     */
    public Plan plan(Defaults defaults, String command) throws IOException {
        Plan plan = new Plan(
                quick,
                rounds != null ? rounds : defaults.rounds,
                seconds != null ? seconds : defaults.seconds,
                warmUpSeconds != null ? warmUpSeconds : defaults.warmUpSeconds,
                Arrays.stream(CpuAffinity.current()).boxed().toList(),
                command);
        require(plan.rounds() > 0 && plan.rounds() <= MOST_ROUNDS, "--rounds: expected 1 to " + MOST_ROUNDS);
        require(
                plan.seconds() > 0 && plan.seconds() <= LONGEST_SECONDS,
                "--seconds: expected more than 0 and at most 3600");
        require(plan.warmUpSeconds() >= 0 && plan.warmUpSeconds() <= LONGEST_SECONDS, "--warm-up: expected 0 to 3600");
        return plan;
    }

    /** Those that were given, as on the command line, but for {@code --out}. */
    String text() {
        return (quick ? " --quick" : "")
                + (rounds != null ? " --rounds " + rounds : "")
                + (seconds != null ? " --seconds " + seconds : "")
                + (warmUpSeconds != null ? " --warm-up " + warmUpSeconds : "");
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    /**
     * Makes the folder of the results.
     *
     * @param prefix of its path where the date and time name it
     */
    public Path folder(String prefix) throws IOException {
        return Files.createDirectories(
                out != null
                        ? out
                        : Path.of(prefix
                                + LocalDateTime.now(ZoneId.systemDefault()).format(DATE)));
    }
}
