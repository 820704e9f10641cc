package dev.peregrine.gateway.doctor.probe;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Programs of the host that tell about it. */
public final class Program {
    private static final Duration LIMIT = Duration.ofSeconds(3);

    private Program() {}

    /**
     * Runs a program to its end, without input.
     *
     * @return what it writes
     * @throws IOException where it is not there, says no, or takes more than a few seconds
     */
    public static String output(String... words) throws IOException {
        return output(LIMIT, words);
    }

    /** As {@link #output(String...)}, with another time for what it writes, and for its end after that. */
    static String output(Duration limit, String... words) throws IOException {
        Process process = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .start();
        try {
            byte[] output = read(process, words[0]).get(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (!process.waitFor(limit)) throw new TimeoutException();
            if (process.exitValue() != 0)
                throw new IOException(words[0] + " may not (exit " + process.exitValue() + ")");
            return new String(output, UTF_8);
        } catch (TimeoutException e) {
            throw new IOException(words[0] + " does not end within " + limit.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw new IOException(words[0] + ": " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    /** On a thread of its own: a program may say nothing for ever, or leave its output to another one. */
    private static Future<byte[]> read(Process process, String name) {
        FutureTask<byte[]> reading = new FutureTask<>(() -> {
            try (InputStream out = process.getInputStream()) {
                return out.readAllBytes();
            }
        });
        Thread.ofPlatform().daemon().name("output of " + name).start(reading);
        return reading;
    }
}
