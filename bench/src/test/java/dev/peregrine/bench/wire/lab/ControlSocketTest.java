package dev.peregrine.bench.wire.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlSocketTest {
    @TempDir
    private Path folder;

    @Test
    void putsAnAnswerInPiecesTogether() throws IOException {
        try (ServerSocketChannel server = server()) {
            CompletableFuture<String> request =
                    answering(server, "{\"ok\":true,", "\"result\":[{\"reason\":\"LINK_FULL\",\"count\":3}]}\n");
            JsonNode drops = socket().call("drop", "list");
            assertEquals(3, drops.path(0).path("count").asInt());
            assertEquals("{\"command\":[\"drop\",\"list\"]}\n", request.join());
        }
    }

    @Test
    void failsWithTheGatewaysReason() throws IOException {
        try (ServerSocketChannel server = server()) {
            CompletableFuture<String> request = answering(server, "{\"ok\":false,\"error\":\"it is stopping\"}\n");
            IOException failure = assertThrows(IOException.class, () -> socket().call("status"));
            assertTrue(String.valueOf(failure.getMessage()).endsWith("it is stopping"), failure.getMessage());
            request.join();
        }
    }

    @Test
    void failsWhereTheGatewayHangsUp() throws IOException {
        try (ServerSocketChannel server = server()) {
            CompletableFuture<String> request = answering(server, "{\"ok\":");
            assertThrows(IOException.class, () -> socket().call("status"));
            request.join();
        }
        assertThrows(IOException.class, () -> socket().call("status"));
    }

    private ControlSocket socket() {
        return new ControlSocket(folder.resolve("socket"));
    }

    private ServerSocketChannel server() throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(folder.resolve("socket")));
    }

    /** Takes one request, answers with these pieces, and hangs up; the request. */
    private static CompletableFuture<String> answering(ServerSocketChannel server, String... pieces) {
        return CompletableFuture.supplyAsync(() -> {
            try (SocketChannel client = server.accept()) {
                ByteBuffer request = ByteBuffer.allocate(1024);
                while (request.position() == 0 || request.get(request.position() - 1) != '\n') {
                    client.read(request);
                }
                for (String piece : pieces) {
                    client.write(ByteBuffer.wrap(piece.getBytes(StandardCharsets.UTF_8)));
                }
                return new String(request.array(), 0, request.position(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new CompletionException(e);
            }
        });
    }
}
