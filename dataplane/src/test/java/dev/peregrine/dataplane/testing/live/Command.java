package dev.peregrine.dataplane.testing.live;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Command lines that run to their end within a time limit. */
public final class Command {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    /** For the rest of the output, once the command has ended: a process that it left behind may hold it open. */
    private static final int REST_SECONDS = 5;

    /** How a command ended; {@code output} holds both of its streams. */
    public record Result(List<String> words, int exit, String output) {
        /** This result, if the command succeeded. */
        public Result orFail() {
            if (exit != 0) throw new LabError(String.join(" ", words) + ": exit " + exit, output);
            return this;
        }

        @Override
        public String toString() {
            return String.join(" ", words) + "\nexit " + exit + "\n" + output;
        }
    }

    private Command() {}

    /** The output of a command that must succeed. */
    public static String output(List<String> words) {
        return run(words).orFail().output();
    }

    /** The output of a command that must succeed. */
    public static String output(String... words) {
        return output(List.of(words));
    }

    /** Runs a command that may fail. */
    public static Result run(List<String> words) {
        return run(LIMIT, words);
    }

    /** Runs a command that may fail and has more time, or less. */
    public static Result run(Duration limit, List<String> words) {
        String line = String.join(" ", words);
        try {
            Process process = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .start();
            CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> read(process), Command::startReader);
            if (!process.waitFor(limit.toMillis(), MILLISECONDS)) {
                process.destroyForcibly();
                throw new LabError(line + ": not done after " + limit.toMillis() + " ms", rest(output));
            }
            return new Result(words, process.exitValue(), rest(output));
        } catch (IOException e) {
            throw new LabError(line, e);
        } catch (InterruptedException e) {
            throw new LabError(line + ": interrupted", e);
        }
    }

    private static void startReader(Runnable reader) {
        Thread.ofPlatform().daemon().name("output of a command").start(reader);
    }

    private static String rest(CompletableFuture<String> output) {
        try {
            return output.orTimeout(REST_SECONDS, SECONDS).join();
        } catch (CompletionException e) {
            return "(no end of its output: " + e.getCause() + ")";
        }
    }

    private static String read(Process process) {
        try {
            return new String(process.getInputStream().readAllBytes(), UTF_8);
        } catch (IOException e) {
            return "(output lost: " + e.getMessage() + ")";
        }
    }

    /** Whether a program is on the PATH. */
    public static boolean exists(String program) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Arrays.stream(path.split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
