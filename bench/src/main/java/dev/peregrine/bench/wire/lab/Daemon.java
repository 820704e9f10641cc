package dev.peregrine.bench.wire.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/** A program in the background with a log. */
public final class Daemon implements AutoCloseable {
    private static final double STOP_SECONDS = 10;
    private static final double LOOK_SECONDS = 0.02;

    private final Path work;
    private final Path log;
    private final Process process;

    private Daemon(Path work, Path log, Process process) {
        this.work = work;
        this.log = log;
        this.process = process;
    }

    /** Starts it; the log is {@code name.log} in the folder. */
    public static Daemon start(Path work, String name, List<String> words) throws IOException {
        Path log = work.resolve(name + ".log");
        Files.writeString(log, "");
        return new Daemon(work, log, Command.start(log, words));
    }

    /** Waits until a condition holds for the log; throws with the last line of the log if it ends or time runs out. */
    public void await(double seconds, Predicate<String> condition) throws IOException {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        while (true) {
            String text = Files.readString(log);
            if (condition.test(text)) {
                return;
            }
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new IOException((process.isAlive() ? "not ready: " : "ended: ") + Command.lastLine(text));
            }
            Pause.seconds(LOOK_SECONDS);
        }
    }

    void signal(String name) throws IOException {
        if (!process.isAlive()) {
            throw new IOException("ended: " + Command.lastLine(Files.readString(log)));
        }
        Command.run(work, STOP_SECONDS, List.of("kill", "-" + name, Long.toString(process.pid())));
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            try {
                signal("CONT"); // A stopped process does not see a request to end.
            } catch (IOException e) {
                // It has just ended.
            }
        }
        Command.stop(process, STOP_SECONDS);
    }
}
