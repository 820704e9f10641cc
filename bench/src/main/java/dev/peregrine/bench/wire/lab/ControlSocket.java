package dev.peregrine.bench.wire.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Asks a gateway something without starting a JVM for it, which would take half a second. */
record ControlSocket(Path path) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double TIMEOUT_SECONDS = 5;
    private static final double LOOK_SECONDS = 0.002;

    /** The result of a command without arguments, such as {@code drop list}. */
    JsonNode call(String... command) throws IOException {
        String request =
                JSON.writeValueAsString(JSON.createObjectNode().set("command", JSON.valueToTree(List.of(command))));
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(path));
            ByteBuffer line = ByteBuffer.wrap((request + "\n").getBytes(StandardCharsets.UTF_8));
            while (line.hasRemaining()) {
                channel.write(line);
            }
            channel.configureBlocking(false);
            JsonNode answer = JSON.readTree(answer(channel));
            if (!answer.path("ok").asBoolean()) {
                throw new IOException(
                        "%s: %s".formatted(path, answer.path("error").asText("no result")));
            }
            return answer.path("result");
        }
    }

    private byte[] answer(SocketChannel channel) throws IOException {
        long end = System.nanoTime() + (long) (TIMEOUT_SECONDS * 1e9);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
        while (true) {
            int count = channel.read(buffer.clear());
            if (count < 0) {
                throw new EOFException(path + ": it hung up");
            }
            bytes.write(buffer.array(), 0, count);
            if (count > 0 && buffer.array()[count - 1] == '\n') {
                return bytes.toByteArray();
            }
            if (count == 0) {
                if (System.nanoTime() > end) {
                    throw new IOException("%s: no answer after %.0f s".formatted(path, TIMEOUT_SECONDS));
                }
                Pause.seconds(LOOK_SECONDS);
            }
        }
    }
}
