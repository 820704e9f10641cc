package dev.peregrine.gateway.live.lab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** A process that runs beside the test; its output, both streams, is kept. Closing ends it. */
public final class BackgroundProcess implements AutoCloseable {
    private static final Duration END_LIMIT = Duration.ofSeconds(10);

    private final List<String> words;
    private final Process process;
    private final Thread reader;
    private final List<String> lines = new ArrayList<>(); // guarded by itself
    private boolean ended; // guarded by lines

    private BackgroundProcess(List<String> words, Process process) {
        this.words = words;
        this.process = process;
        reader = Thread.ofPlatform().daemon().name("output of " + process.pid()).unstarted(this::read);
    }

    public static BackgroundProcess start(List<String> words) {
        try {
            Process process =
                    new ProcessBuilder(words).redirectErrorStream(true).start();
            var started = new BackgroundProcess(words, process);
            started.reader.start();
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(String.join(" ", words), e);
        }
    }

    private void read() {
        try (BufferedReader output = process.inputReader(UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) add(line);
        } catch (IOException e) {
            add("(output lost: " + e.getMessage() + ")");
        }
        synchronized (lines) {
            ended = true;
            lines.notifyAll();
        }
    }

    private void add(String line) {
        synchronized (lines) {
            lines.add(line);
            lines.notifyAll();
        }
    }

    /** The first line that fits, once the process has written it. */
    public String awaitLine(Duration limit, String what, Predicate<String> fits) {
        long end = System.nanoTime() + limit.toNanos();
        synchronized (lines) {
            for (int next = 0; ; ) {
                for (; next < lines.size(); next++) if (fits.test(lines.get(next))) return lines.get(next);
                long left = (end - System.nanoTime()) / 1_000_000;
                if (ended || left <= 0) break;
                try {
                    lines.wait(left);
                } catch (InterruptedException e) {
                    throw new AssertionError("interrupted while waiting for " + what + ": " + this, e);
                }
            }
        }
        throw new AssertionError("no " + what + " within " + limit.toMillis() + " ms: " + this);
    }

    /** The exit code, once the process has ended by itself. */
    public int awaitExit(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), MILLISECONDS)) {
                throw new AssertionError("still running after " + limit.toMillis() + " ms: " + this);
            }
            reader.join(END_LIMIT);
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while waiting for the end of: " + this, e);
        }
    }

    long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** SIGTERM; what the process still writes is kept, unlike with {@link Process#destroy}. */
    public void terminate() {
        process.toHandle().destroy();
    }

    /** SIGKILL. */
    public void kill() {
        process.destroyForcibly();
    }

    public List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    @Override
    public void close() {
        try {
            terminate();
            if (!process.waitFor(END_LIMIT.toMillis(), MILLISECONDS)) kill();
            process.waitFor();
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        String state = process.isAlive() ? "running" : "exit " + process.exitValue();
        return String.join(" ", words) + "\n" + state + "\n" + String.join("\n", lines());
    }
}
