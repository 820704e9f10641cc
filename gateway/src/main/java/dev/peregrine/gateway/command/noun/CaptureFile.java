package dev.peregrine.gateway.command.noun;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.config.schema.Causes;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The file of a capture, or the standard output. It is opened, and so made empty, when the gateway has begun: what it
 * refuses leaves an older file as it is.
 */
final class CaptureFile implements Follow.Taker, AutoCloseable {
    private static final String STANDARD_OUTPUT = "-";

    private final String name;
    private @Nullable OutputStream out;
    private long frames;

    /** @param name of the file; {@code -} is the standard output */
    CaptureFile(String name) {
        this.name = name;
    }

    @Override
    public void begin() throws CommandFailed {
        try {
            out = name.equals(STANDARD_OUTPUT)
                    ? new FileOutputStream(FileDescriptor.out)
                    : Files.newOutputStream(Path.of(name));
        } catch (IOException | InvalidPathException failure) {
            throw new CommandFailed(Exit.REFUSED, "--write " + name + ": cannot be written: " + text(failure));
        }
    }

    /** A reader behind a pipe may go when it has seen enough; a full disk is another matter. */
    @Override
    public long take(JsonNode line) throws IOException, CommandFailed {
        if (out == null) throw new IllegalStateException("not begun");
        try {
            out.write(Base64.getDecoder().decode(line.path("pcapng").asText()));
        } catch (IOException failure) {
            if (name.equals(STANDARD_OUTPUT) && isBrokenPipe(failure)) throw failure;
            throw failed(failure);
        }
        long more = line.path("frames").asLong();
        frames += more;
        return more;
    }

    private static boolean isBrokenPipe(IOException failure) {
        return String.valueOf(failure.getMessage()).contains("Broken pipe");
    }

    private CommandFailed failed(IOException failure) {
        return new CommandFailed(
                Exit.REFUSED,
                "--write " + name + ": " + text(failure) + "; the capture has ended, with " + frames
                        + " frames before this: the file may end in the middle of one");
    }

    private static String text(Exception failure) {
        return failure instanceof IOException io ? Causes.text(io) : String.valueOf(failure.getMessage());
    }

    @Override
    public void close() throws CommandFailed {
        try {
            if (out != null) out.close();
        } catch (IOException failure) {
            throw failed(failure);
        }
    }
}
