package dev.peregrine.controlplane.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.controlplane.http.Clients;
import dev.peregrine.controlplane.http.Tls;
import dev.peregrine.controlplane.http.TlsFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Speaks HTTP to an API server. For several threads, but {@link #close} comes last. */
final class ApiClient implements AutoCloseable {
    /** How long an answer may take, of a list or watch its head. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int OK = 200;
    private static final int REDIRECTS = 300;
    private static final int TOKEN_BYTES = 1 << 16;
    private static final int ERROR_BYTES = 1 << 16;
    private static final long LONGEST_WAIT = 30;

    private final KubernetesSettings settings;
    private final HttpClient http;

    /**
     * A client with the certificates that there are now.
     *
     * @throws ApiFailure if these cannot be read
     */
    ApiClient(KubernetesSettings settings) throws ApiFailure {
        this.settings = settings;
        try {
            http = Clients.builder()
                    .connectTimeout(PATIENCE)
                    .sslContext(Tls.context(new TlsFiles(settings.ca(), Optional.empty(), Optional.empty())))
                    .sslParameters(Tls.parameters())
                    .build();
        } catch (IOException e) {
            throw new ApiFailure("certificates", e);
        }
    }

    /**
     * Opens a list or a watch.
     *
     * @param target path and query
     * @return its body, which the caller closes
     */
    InputStream open(String target) throws ApiFailure, InterruptedException {
        HttpRequest request = request(target).GET().build();
        try {
            HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
            if (response.statusCode() == OK) return response.body();
            try (InputStream body = response.body()) {
                throw failure(response, body.readNBytes(ERROR_BYTES));
            }
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    /** A text as part of a path or query. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Reads one object. */
    ApiObject get(String path) throws ApiFailure, InterruptedException {
        return send(request(path).GET().build());
    }

    /** Makes a change; returns the object as it is then. */
    ApiObject change(Change change) throws ApiFailure, InterruptedException {
        return send(request(change.path())
                .method(change.verb().method(), body(change.body()))
                .header("Content-Type", change.verb().contentType())
                .build());
    }

    private static BodyPublisher body(JsonNode body) throws ApiFailure {
        if (body.isMissingNode()) return BodyPublishers.noBody();
        try {
            return BodyPublishers.ofByteArray(ApiStream.write(body));
        } catch (IOException e) {
            throw new ApiFailure("a change", e);
        }
    }

    /** Asks, and waits for the whole answer, however slowly it comes, no longer than {@link #PATIENCE}. */
    private ApiObject send(HttpRequest request) throws ApiFailure, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), ApiStream.OBJECT_BYTES));
        try {
            HttpResponse<byte[]> response = answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            int status = response.statusCode();
            if (status < OK || status >= REDIRECTS) throw failure(response, response.body());
            return ApiStream.readObject(response.body());
        } catch (TimeoutException e) {
            throw new ApiFailure(noAnswer());
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause
                    ? unreachable(cause)
                    : new ApiFailure(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new ApiFailure("an answer", e);
        } finally {
            answer.cancel(true);
        }
    }

    private HttpRequest.Builder request(String target) throws ApiFailure {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(settings.server() + target))
                .timeout(PATIENCE)
                .header("Accept", "application/json")
                .header("User-Agent", "peregrine");
        if (settings.tokenFile().isPresent()) {
            request.header(
                    "Authorization", "Bearer " + token(settings.tokenFile().get()));
        }
        return request;
    }

    /** The token of now: the kubelet replaces it before it expires. */
    private static String token(Path file) throws ApiFailure {
        try {
            if (Files.size(file) > TOKEN_BYTES) throw new ApiFailure(file + ": too long for a token");
            String token = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
            if (!token.matches("[!-~]+")) throw new ApiFailure(file + ": not a token");
            return token;
        } catch (NoSuchFileException e) {
            throw new ApiFailure(file + ": there is no such file");
        } catch (IOException e) {
            throw new ApiFailure("token", e);
        }
    }

    private ApiFailure unreachable(IOException cause) {
        if (cause instanceof HttpTimeoutException) return new ApiFailure(noAnswer());
        return new ApiFailure(settings.server().toString(), cause);
    }

    private String noAnswer() {
        return settings.server() + ": no answer within " + PATIENCE.toSeconds() + " s";
    }

    private static ApiFailure failure(HttpResponse<?> response, byte[] body) {
        String message = ApiStream.readMessage(body);
        String path = response.request().uri().getPath();
        return new ApiFailure(
                response.statusCode(),
                response.statusCode() + " for " + response.request().method() + " " + path
                        + (message.isEmpty() ? "" : ": " + message),
                Duration.ofSeconds(response.headers()
                        .firstValue("Retry-After")
                        .filter(text -> text.matches("[0-9]{1,9}"))
                        .map(Long::parseLong)
                        .map(seconds -> Math.min(seconds, LONGEST_WAIT))
                        .orElse(0L)));
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
