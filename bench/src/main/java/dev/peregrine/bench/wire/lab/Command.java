package dev.peregrine.bench.wire.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program run to its end, or in the background. If this process dies, the kernel ends the program ({@code
 * PDEATHSIG}).
 */
public final class Command {
    private Command() {}

    /**
     * Runs a program to its end.
     *
     * @return its standard output
     */
    public static String run(Path folder, double timeoutSeconds, List<String> words) throws IOException {
        Path output = Files.createTempFile(folder, "command", ".out");
        Path errors = Files.createTempFile(folder, "command", ".err");
        try {
            Process process = builder(words)
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start();
            if (!awaitEnd(process, timeoutSeconds)) {
                process.destroyForcibly();
                throw new IOException("%s: not done after %.0f s".formatted(shown(words), timeoutSeconds));
            }
            String text = Files.readString(output);
            if (process.exitValue() != 0) {
                throw new IOException("%s: exit code %d: %s"
                        .formatted(shown(words), process.exitValue(), lastLine(Files.readString(errors) + text)));
            }
            return text;
        } finally {
            Files.deleteIfExists(output);
            Files.deleteIfExists(errors);
        }
    }

    /** Starts a program in the background; both of its outputs go to a file. */
    public static Process start(Path log, List<String> words) throws IOException {
        return builder(words)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    /** Ends a program: asks, and after a time insists. */
    static void stop(Process process, double seconds) {
        process.destroy();
        if (!awaitEnd(process, seconds)) {
            process.destroyForcibly();
            awaitEnd(process, 1);
        }
    }

    private static ProcessBuilder builder(List<String> words) {
        List<String> command = new ArrayList<>(List.of("setpriv", "--pdeathsig", "TERM", "--"));
        command.addAll(words);
        return new ProcessBuilder(command).redirectInput(Path.of("/dev/null").toFile());
    }

    private static boolean awaitEnd(Process process, double seconds) {
        try {
            return process.waitFor((long) (seconds * 1e9), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static String shown(List<String> words) {
        return String.join(" ", words);
    }

    /** The last line that is not blank. */
    static String lastLine(String text) {
        return text.strip().lines().reduce((first, second) -> second).orElse("it said nothing");
    }
}
