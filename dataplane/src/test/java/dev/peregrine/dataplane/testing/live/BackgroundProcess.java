package dev.peregrine.dataplane.testing.live;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/**
 * A process that runs beside this one; its output, both streams, is kept. Closing ends it, and so does the kernel when
 * this process dies.
 */
public final class BackgroundProcess implements AutoCloseable {
    private static final Duration END_LIMIT = Duration.ofSeconds(10);

    /** Starts all of them and outlives them: the kernel ends a process when the thread that started it ends. */
    private static final ExecutorService STARTER = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("starter").factory());

    private final List<String> words;
    private final Process process;
    private final Thread reader;
    private final List<String> lines = new ArrayList<>(); // guarded by itself
    private boolean ended; // guarded by lines
    private volatile boolean paused;

    private BackgroundProcess(List<String> words, Process process) {
        this.words = words;
        this.process = process;
        reader = Thread.ofPlatform().daemon().name("output of " + process.pid()).unstarted(this::read);
    }

    /** Starts it. */
    public static BackgroundProcess start(List<String> words) {
        List<String> line = new ArrayList<>(List.of("setpriv", "--pdeathsig", "TERM", "--"));
        line.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile());
        try {
            var started =
                    new BackgroundProcess(words, STARTER.submit(builder::start).get());
            started.reader.start();
            return started;
        } catch (ExecutionException e) {
            throw new LabError(String.join(" ", words), e);
        } catch (InterruptedException e) {
            throw new LabError("interrupted: " + String.join(" ", words), e);
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
                    throw new LabError("interrupted while waiting for " + what, e);
                }
            }
        }
        throw new LabError("no " + what + " within " + limit.toMillis() + " ms", toString());
    }

    /** The exit code, once the process has ended by itself. */
    public int awaitExit(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), MILLISECONDS)) {
                throw new LabError("still running after " + limit.toMillis() + " ms", toString());
            }
            reader.join(END_LIMIT);
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new LabError("interrupted while waiting for the end of " + words.getFirst(), e);
        }
    }

    /** Of the process. */
    public long pid() {
        return process.pid();
    }

    /** Whether it runs, or is paused. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Stops it where it is; sockets and devices stay. */
    public void pause() {
        signal("STOP");
        paused = true;
    }

    /** Lets it run again. */
    public void resume() {
        signal("CONT");
        paused = false;
    }

    private void signal(String name) {
        if (!isAlive()) throw new LabError("ended, so it cannot take SIG" + name, toString());
        Command.output("kill", "-" + name, Long.toString(pid()));
    }

    /** SIGTERM; what the process still writes is kept, unlike with {@link Process#destroy}. */
    public void terminate() {
        process.toHandle().destroy();
    }

    /** SIGKILL. */
    public void kill() {
        process.destroyForcibly();
    }

    /** Its output so far. */
    public List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    @Override
    public void close() {
        try {
            terminate();
            if (paused && isAlive()) resume(); // Paused, it does not see that it is to end.
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
