package dev.peregrine.gateway.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.http.Clients;
import dev.peregrine.gateway.metric.Metric;
import dev.peregrine.gateway.metric.MetricSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class HttpServerTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** Those of a server from which an answer is wanted: longer than a machine stands still. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int IDLE_SECONDS = 50;

    /** Those of a server that is to lose patience. */
    private static final Duration LITTLE_PATIENCE = Duration.ofSeconds(1);

    private static final int BRIEF_SECONDS = 2;
    private static final int MAX_CONNECTIONS = 32;

    private final ExecutorService control = Executors.newSingleThreadExecutor();
    private final HttpClient client = Clients.builder().build();
    private volatile @Nullable String obstacle;
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.start(loopback(0), PATIENCE, IDLE_SECONDS);
    }

    private void startAgain(Duration patience, int idleSeconds) throws IOException {
        server.close();
        server = HttpServer.start(loopback(0), patience, idleSeconds);
    }

    @AfterEach
    void close() {
        server.close();
        client.close();
        control.shutdownNow();
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private void show() {
        server.show(new Observed() {
            @Override
            public @Nullable String obstacle() {
                return obstacle;
            }

            @Override
            public MetricSource metrics() {
                return samples -> samples.add(Metric.UPTIME, 7);
            }

            @Override
            public ExecutorService controlThread() {
                return control;
            }
        });
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.address().getPort() + path))
                .timeout(LIMIT);
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = request(path);
        if (headers.length > 0) request.headers(headers);
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private void assertAnswers(int status, String body, String path) throws Exception {
        HttpResponse<String> response = get(path);
        assertEquals(
                status + " " + body,
                response.statusCode() + " " + response.body().strip(),
                path);
    }

    @Test
    void isAliveButNotReadyWhileTheGatewayStarts() throws Exception {
        assertAnswers(200, "alive, starting", "/healthz");
        assertAnswers(503, "starting", "/readyz");
        assertAnswers(503, "starting", "/metrics");
    }

    @Test
    void isReadyUnlessTheGatewayNamesAnObstacle() throws Exception {
        show();
        assertAnswers(200, "ready", "/readyz");
        assertAnswers(200, "alive", "/healthz");
        obstacle = "interface uB is down: ip link set uB up";
        assertAnswers(503, "interface uB is down: ip link set uB up", "/readyz");
        assertAnswers(200, "alive", "/healthz");
    }

    @Test
    void isAliveButNotReadyWhileTheGatewayEnds() throws Exception {
        show();
        control.shutdown();
        server.drain();
        assertAnswers(200, "alive, draining", "/healthz");
        assertAnswers(503, "draining", "/readyz");
        assertAnswers(503, "draining", "/metrics");
    }

    @Test
    void saysThatTheControlThreadIsStuck() throws Exception {
        startAgain(LITTLE_PATIENCE, IDLE_SECONDS);
        show();
        CountDownLatch stuck = new CountDownLatch(1);
        control.execute(() -> {
            try {
                stuck.await();
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        });
        for (String path : List.of("/healthz", "/metrics")) {
            HttpResponse<String> response = get(path);
            assertEquals(503, response.statusCode(), path);
            String stuckFor = "the control thread did not answer within " + LITTLE_PATIENCE.toMillis() + " ms";
            assertTrue(response.body().startsWith(stuckFor), response.body());
        }
        assertAnswers(200, "ready", "/readyz");
        stuck.countDown();
        control.submit(() -> {}).get();
        long end = System.nanoTime() + LIMIT.toNanos();
        while (get("/healthz").statusCode() != 200) assertTrue(System.nanoTime() < end, "it answers again");
    }

    @Test
    void writesMetricsInTheFormThatIsAskedFor() throws Exception {
        show();
        HttpResponse<String> text = get("/metrics");
        assertEquals("text/plain; version=0.0.4; charset=utf-8", contentType(text));
        assertTrue(text.body().contains("\nperegrine_uptime_seconds 7.0\n"), text.body());
        assertTrue(text.body().contains("\nprocess_open_fds "), text.body());
        HttpResponse<String> open = get(
                "/metrics?a=b",
                "Accept",
                "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1");
        assertEquals("application/openmetrics-text; version=1.0.0; charset=utf-8", contentType(open));
        assertTrue(open.body().endsWith("# EOF\n"), open.body());
    }

    private static String contentType(HttpResponse<?> response) {
        return response.headers().firstValue("content-type").orElse("none");
    }

    @Test
    void compressesWhereThatIsWanted() throws Exception {
        show();
        HttpRequest request =
                request("/metrics").header("Accept-Encoding", "br, gzip;q=0.5").build();
        HttpResponse<byte[]> packed = client.send(request, BodyHandlers.ofByteArray());
        assertEquals("gzip", packed.headers().firstValue("content-encoding").orElse("none"));
        byte[] text = new GZIPInputStream(new ByteArrayInputStream(packed.body())).readAllBytes();
        assertTrue(new String(text, StandardCharsets.UTF_8).contains("peregrine_uptime_seconds 7.0"));
        HttpResponse<String> plain = get("/metrics", "Accept-Encoding", "gzip;q=0");
        assertTrue(plain.headers().firstValue("content-encoding").isEmpty());
    }

    @Test
    void hasNoOtherPathsAndMethods() throws Exception {
        show();
        assertEquals(404, get("/").statusCode());
        assertEquals(404, get("/metrics/x").statusCode());
        HttpRequest post =
                request("/metrics").POST(BodyPublishers.ofString("x")).build();
        HttpResponse<String> refused = client.send(post, BodyHandlers.ofString());
        assertEquals(405, refused.statusCode());
        assertEquals("GET, HEAD", refused.headers().firstValue("allow").orElse("none"));
        HttpRequest head = request("/healthz").HEAD().build();
        HttpResponse<byte[]> empty = client.send(head, BodyHandlers.ofByteArray());
        assertEquals(
                "200 6",
                empty.statusCode() + " "
                        + empty.headers().firstValue("content-length").orElse("none"));
        assertArrayEquals(new byte[0], empty.body());
    }

    @Tag("slow")
    @Test
    void refusesWhatIsTooLongOrNoRequest() throws Exception {
        startAgain(PATIENCE, BRIEF_SECONDS);
        show();
        assertEquals("431", status("GET /healthz HTTP/1.1\r\nX: " + "x".repeat(9000) + "\r\n\r\n"));
        assertEquals("414", status("GET /" + "x".repeat(5000) + " HTTP/1.1\r\n\r\n"));
        assertEquals("400", status("what is this\r\n\r\n"));
        assertEquals("413", status("GET /healthz HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"));
        assertAnswers(200, "alive", "/healthz");
    }

    /** The status of the answer to some bytes, after which the connection ends. */
    private String status(String bytes) throws IOException {
        String all = exchange(bytes);
        return all.startsWith("HTTP/1.1 ") ? all.substring(9, 12) : all;
    }

    private String exchange(String bytes) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(server.address());
            socket.setSoTimeout((int) LIMIT.toMillis());
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void answersOneOfManyRequestsThatAreSentAtOnce() throws Exception {
        show();
        String all = exchange("GET /healthz HTTP/1.1\r\n\r\n".repeat(3));
        assertEquals(1, all.split("HTTP/1.1 200", -1).length - 1, all);
    }

    @Tag("slow")
    @Test
    void endsConnectionsThatSayNothingInTime() throws Exception {
        startAgain(PATIENCE, BRIEF_SECONDS);
        show();
        assertEquals("", exchange("GET /healthz HT"));
    }

    @Test
    void hasRoomForSoManyClientsAndTellsOthers() throws Exception {
        show();
        List<Socket> held = new ArrayList<>();
        try {
            for (int i = 0; i < MAX_CONNECTIONS; i++) {
                Socket socket = new Socket();
                socket.connect(server.address());
                held.add(socket);
            }
            assertEquals("503", status("GET /healthz HTTP/1.1\r\n\r\n"));
        } finally {
            for (Socket socket : held) socket.close();
        }
    }

    @Test
    void saysWhoseThePortIs() {
        IOException failure = assertThrows(IOException.class, () -> HttpServer.start(server.address()));
        assertEquals(
                "control.http: cannot listen at 127.0.0.1:" + server.address().getPort()
                        + ": EADDRINUSE (address already in use): another program, or another gateway, listens there: set"
                        + " control.http to another port, or to off",
                failure.getMessage());
    }
}
