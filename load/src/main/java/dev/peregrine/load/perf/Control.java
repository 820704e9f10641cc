package dev.peregrine.load.perf;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.SocketChannel;

/**
 * JSON objects over a TCP connection, one a line. One thread receives; any thread sends.
 *
 * <p>It reads ahead: nothing but lines may come before the last {@link #receive}.
 */
final class Control implements AutoCloseable {
    private static final int LONGEST_LINE = 1 << 20;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final SocketChannel channel;
    private final InputStream in;
    private final OutputStream out;

    Control(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.socket().setTcpNoDelay(true);
        in = new BufferedInputStream(channel.socket().getInputStream());
        out = channel.socket().getOutputStream();
    }

    SocketChannel channel() {
        return channel;
    }

    synchronized void send(ObjectNode message) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        line.writeBytes(MAPPER.writeValueAsBytes(message));
        line.write('\n');
        out.write(line.toByteArray());
    }

    /**
     * Waits for the next object.
     *
     * @param timeoutMillis 0: for ever
     * @throws IOException also if the line is not a JSON object
     */
    JsonNode receive(int timeoutMillis) throws IOException {
        channel.socket().setSoTimeout(timeoutMillis);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next; (next = in.read()) != '\n'; line.write(next)) {
            if (next < 0) throw new EOFException("the other side closed the connection");
            if (line.size() == LONGEST_LINE) throw new IOException("the other side sent a line without end");
        }
        try {
            JsonNode message = MAPPER.readTree(line.toByteArray());
            if (message.isObject()) return message;
        } catch (JsonProcessingException wrong) {
            // Reported below.
        }
        throw new IOException("the other side is no peregrine perf: it sent something else than JSON objects");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
