package dev.peregrine.gateway.live.lab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Command lines that run to their end within a time limit. */
public final class Command {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** How a command ended; {@code output} holds both of its streams. */
    public record Result(List<String> words, int exit, String output) {
        public Result orFail() {
            if (exit != 0) throw new AssertionError(this);
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
        return run(LIMIT, words).orFail().output();
    }

    public static String output(String... words) {
        return output(List.of(words));
    }

    public static Result run(List<String> words) {
        return run(LIMIT, words);
    }

    public static Result run(Duration limit, List<String> words) {
        try {
            Process process =
                    new ProcessBuilder(words).redirectErrorStream(true).start();
            process.getOutputStream().close();
            CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> read(process));
            if (!process.waitFor(limit.toMillis(), MILLISECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("not done within " + limit + ": " + String.join(" ", words) + "\n"
                        + output.orTimeout(1, SECONDS)
                                .exceptionally(Throwable::toString)
                                .join());
            }
            return new Result(words, process.exitValue(), output.join());
        } catch (IOException e) {
            throw new UncheckedIOException(String.join(" ", words), e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted: " + String.join(" ", words), e);
        }
    }

    private static String read(Process process) {
        try {
            return new String(process.getInputStream().readAllBytes(), UTF_8);
        } catch (IOException e) {
            return "(output lost: " + e.getMessage() + ")";
        }
    }
}
