package dev.peregrine.controlplane.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ClientsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String ANSWER = """
            HTTP/1.1 400 Bad Request
            Trailer: Grpc-Trailer-Content-Type
            Transfer-Encoding: chunked

            5
            error
            0
            Grpc-Trailer-Content-Type: application/grpc

            """;

    /** As etcd ends its errors; fails where assertions are on, for java.net.http expects no trailer. */
    @Test
    void trailersOfChunksAreLeftAside() throws Exception {
        HttpClient client = Clients.builder().build();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> answer = CompletableFuture.runAsync(() -> serve(server));
            URI uri = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/");
            HttpResponse<String> response =
                    client.send(HttpRequest.newBuilder(uri).timeout(LIMIT).build(), BodyHandlers.ofString());
            assertEquals(400, response.statusCode());
            assertEquals("error", response.body());
            answer.join();
        } finally {
            client.shutdownNow();
        }
    }

    private static void serve(ServerSocket server) {
        try (Socket socket = server.accept()) {
            socket.setSoTimeout((int) LIMIT.toMillis());
            byte[] request = new byte[4096];
            if (socket.getInputStream().read(request) <= 0) return;
            socket.getOutputStream().write(ANSWER.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
