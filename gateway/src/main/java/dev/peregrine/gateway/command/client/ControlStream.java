package dev.peregrine.gateway.command.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A connection on which lines follow an answer. The gateway gives a sign of life every second, so a silence as long as
 * the client's patience means that it does not answer any more. Closing it tells the gateway that no more is wanted.
 */
public final class ControlStream implements AutoCloseable {
    private static final int LINES = 64;

    /** Signs of life come each second; a gateway under load may be late. */
    private static final Duration LEAST_PATIENCE = Duration.ofSeconds(5);

    private final SocketChannel channel;
    private final Duration timeout;
    private final BlockingQueue<Line> lines = new ArrayBlockingQueue<>(LINES);
    private JsonNode result = MissingNode.getInstance();

    /** A line, or the reason why there are no more. */
    private sealed interface Line {
        record Text(JsonNode json) implements Line {}

        record Failure(IOException cause) implements Line {}
    }

    /** Connects to a gateway. */
    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    ControlStream(Path socket, Duration timeout) throws IOException {
        if (!Files.exists(socket)) throw new NoSuchFileException(socket.toString());
        this.timeout = timeout.compareTo(LEAST_PATIENCE) < 0 ? LEAST_PATIENCE : timeout;
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException failure) {
            channel.close();
            throw failure;
        }
        Thread.ofPlatform().daemon().name("control-stream").start(this::read);
    }

    /** The result in the answer. */
    public JsonNode result() {
        return result;
    }

    void result(JsonNode answered) {
        result = answered;
    }

    /** Sends a line. */
    void send(byte[] line) throws IOException {
        ByteBuffer out =
                ByteBuffer.allocate(line.length + 1).put(line).put((byte) '\n').flip();
        while (out.hasRemaining()) channel.write(out);
    }

    private void read() {
        try (InputStream in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16)) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int next = in.read(); next >= 0; next = in.read()) {
                if (next != '\n') {
                    line.write(next);
                    continue;
                }
                lines.put(new Line.Text(Globals.mapper().readTree(line.toByteArray())));
                line.reset();
            }
            lines.put(new Line.Failure(new EOFException("it hung up")));
        } catch (IOException failure) {
            if (!lines.offer(new Line.Failure(failure))) lines.clear();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The next line. */
    public JsonNode next() throws IOException {
        try {
            Line line = lines.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (line == null) throw new IOException("no sign of life within " + timeout.toSeconds() + " s");
            return switch (line) {
                case Line.Text(JsonNode json) -> json;
                case Line.Failure(IOException cause) -> throw cause;
            };
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }

    /** Hangs up. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException ignored) {
            // Nothing is lost: no more was wanted.
        }
    }
}
