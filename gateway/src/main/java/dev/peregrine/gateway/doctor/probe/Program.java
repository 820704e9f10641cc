package dev.peregrine.gateway.doctor.probe;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;

/** Programs of the host that tell about it. */
public final class Program {
    private static final int LIMIT_SECONDS = 3;

    private Program() {}

    /**
     * Runs a program to its end, without input.
     *
     * @return what it writes
     * @throws IOException where it is not there, or says no
     */
    public static String output(String... words) throws IOException {
        Process process = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .start();
        try (InputStream out = process.getInputStream()) {
            String output = new String(out.readAllBytes(), UTF_8);
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) throw new IOException(words[0] + " does not end");
            if (process.exitValue() != 0)
                throw new IOException(words[0] + " may not (exit " + process.exitValue() + ")");
            return output;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }
}
