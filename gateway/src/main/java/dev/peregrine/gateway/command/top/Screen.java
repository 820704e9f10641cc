package dev.peregrine.gateway.command.top;

import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The terminal, while it shows a live view: a screen beside the one that the user had, which comes back at the end, and
 * keys as they are pressed, where {@code stty} can be had.
 */
final class Screen implements AutoCloseable {
    private static final int USUAL_WIDTH = 80;
    private static final int USUAL_HEIGHT = 24;
    private static final int POLL_MILLIS = 25;
    private static final File TERMINAL = new File("/dev/tty");
    private static final int STTY_SECONDS = 2;
    private static final String OPEN = "\033[?1049h\033[?25l\033[?7l";
    private static final String CLOSE = "\033[?7h\033[?25h\033[?1049l";

    private final PrintWriter out;
    private final @Nullable String settings;
    private final Thread restoring = new Thread(this::restore, "restore-terminal");
    private int width = USUAL_WIDTH;
    private int height = USUAL_HEIGHT;

    /** Takes the terminal over. */
    Screen(PrintWriter out) {
        this.out = out;
        settings = stty("-g");
        Runtime.getRuntime().addShutdownHook(restoring);
        if (settings != null) stty("-icanon", "-echo", "min", "0", "time", "0");
        out.print(OPEN);
        out.flush();
    }

    /** Whether input and output are a terminal. */
    @SuppressWarnings("SystemConsoleNull") // whether it is null depends on the JDK
    static boolean isThere() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    /** Looks how large the terminal is now. */
    void measure() {
        String size = stty("size");
        if (size == null || !size.matches("[1-9][0-9]{0,3} [1-9][0-9]{0,3}")) return;
        String[] words = size.split(" ", 2);
        height = Integer.parseInt(words[0]);
        width = Integer.parseInt(words[1]);
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    /** Shows lines in place of those that were there. */
    void show(List<String> lines) {
        StringBuilder frame = new StringBuilder("\033[H");
        List<String> shown = lines.subList(0, Math.min(height, lines.size()));
        for (int i = 0; i < shown.size(); i++) {
            frame.append(i == 0 ? "" : "\r\n").append("\033[2K").append(shown.get(i));
        }
        out.print(frame.append("\033[J"));
        out.flush();
    }

    /** The next key that is pressed; 0 when none is before {@code nanos} is over, by {@link System#nanoTime}. */
    int key(long nanos) throws IOException, InterruptedException {
        while (System.nanoTime() - nanos < 0) {
            if (System.in.available() > 0) return System.in.read();
            Thread.sleep(POLL_MILLIS);
        }
        return 0;
    }

    /** The output of {@code stty}; null where there is none, or no terminal. */
    private static @Nullable String stty(String... words) {
        List<String> line = new ArrayList<>(List.of("stty"));
        line.addAll(List.of(words));
        try {
            Process process = new ProcessBuilder(line)
                    .redirectInput(TERMINAL)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(STTY_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return null;
            }
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return process.exitValue() == 0 ? text.strip() : null;
        } catch (IOException absent) {
            return null;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private void restore() {
        out.print(CLOSE);
        out.flush();
        if (settings != null) stty(settings);
    }

    /** Gives the terminal back as it was. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(restoring);
            restore();
        } catch (IllegalStateException ending) {
            // the hook restores it
        }
    }
}
