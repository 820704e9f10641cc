package dev.peregrine.gateway.command.client;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How wide the terminal is that results are written to. */
public final class Screen {
    /** The width of what is no terminal: nothing is cut there. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    private static final Path OUTPUT = Path.of("/proc/self/fd/1");
    private static final int LEAST = 20;
    private static final int MOST = 10_000;

    private Screen() {}

    /**
     * The columns of the terminal that is the standard output; {@link #UNLIMITED} if it is none.
     *
     * @param columns the variable {@code COLUMNS}, which is right if it is there; null without it
     */
    public static int width(@Nullable String columns) {
        String output = output();
        if (!output.startsWith("/dev/pts/") && !output.startsWith("/dev/tty") && !output.equals("/dev/console")) {
            return UNLIMITED;
        }
        int given = columns == null ? 0 : number(columns);
        return given > 0 ? given : ofDevice(output);
    }

    /** Whether the standard output is a pipe: who reads it may have read enough. */
    public static boolean isPipe() {
        return output().startsWith("pipe:");
    }

    private static String output() {
        try {
            return Files.readSymbolicLink(OUTPUT).toString();
        } catch (IOException hidden) {
            return "";
        }
    }

    private static int ofDevice(String device) {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File(device))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!stty.waitFor(1, TimeUnit.SECONDS)) {
                stty.destroyForcibly();
                return UNLIMITED;
            }
            String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
            int found = number(size.substring(size.indexOf(' ') + 1));
            return found > 0 ? found : UNLIMITED;
        } catch (IOException absent) {
            return UNLIMITED;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return UNLIMITED;
        }
    }

    /** A number of columns; 0 for what is none. */
    private static int number(String text) {
        boolean isNumber = text.matches("[0-9]{1,5}");
        int number = isNumber ? Integer.parseInt(text) : 0;
        return number < LEAST || number > MOST ? 0 : number;
    }
}
