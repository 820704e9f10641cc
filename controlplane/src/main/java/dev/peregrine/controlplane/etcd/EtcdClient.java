package dev.peregrine.controlplane.etcd;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.controlplane.http.Clients;
import dev.peregrine.controlplane.http.Texts;
import dev.peregrine.controlplane.http.Tls;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * Calls of the JSON gateway of one member of etcd. One thread makes them, and waits for each at most {@code limit};
 * messages are bounded by {@link #MAX_MESSAGE}.
 */
final class EtcdClient implements AutoCloseable {
    /** A page of 5,000 keys has 1.2 MB; etcd itself cuts a watch at 2 MiB before it writes it as JSON. */
    static final int MAX_MESSAGE = 8 << 20;

    static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int OK = 200;
    private static final int MAX_TEXT = 200;

    private final URI endpoint;
    private final EtcdSettings settings;
    private final Duration limit;
    private final HttpClient http;
    private @Nullable String token;

    /**
     * A client, which connects at its first call.
     *
     * @param executor of the connection's work, which never blocks
     * @throws IOException when a file is missing or wrong
     */
    EtcdClient(URI endpoint, EtcdSettings settings, Duration limit, Executor executor) throws IOException {
        this.endpoint = endpoint;
        this.settings = settings;
        this.limit = limit;
        if (isPlain(endpoint) && !Endpoints.isLoopback(endpoint) && !settings.insecure()) {
            throw EtcdException.refusal(endpoint + " is not encrypted, and insecure: true is not said", null);
        }
        HttpClient.Builder builder = Clients.builder()
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(limit)
                .executor(executor);
        if (!isPlain(endpoint)) {
            try {
                builder.sslContext(Tls.context(settings.tls())).sslParameters(Tls.parameters());
            } catch (IOException e) {
                throw EtcdException.refusal(String.valueOf(e.getMessage()), e);
            }
        }
        http = builder.build();
    }

    static boolean isPlain(URI endpoint) {
        return endpoint.getScheme().equals("http");
    }

    /** Gets a token, where the settings have a user. */
    void login() throws IOException, InterruptedException {
        Optional<EtcdSettings.Login> login = settings.login();
        if (login.isEmpty()) return;
        String password = PasswordFile.read(login.get().passwordFile());
        ObjectNode body = NODES.objectNode().put("name", login.get().user()).put("password", password);
        token = null;
        try {
            token = parse(once("auth/authenticate", body)).path("token").asText();
        } catch (EtcdException e) {
            if (e.code() != EtcdException.FAILED_PRECONDITION) throw e; // else etcd has no authentication switched on
        }
    }

    /** Makes a call, once more with a new token where etcd knows the old one no longer. */
    JsonNode call(String path, ObjectNode body) throws IOException, InterruptedException {
        return parse(answer(path, body));
    }

    /** Asks for keys. */
    Page page(ObjectNode range) throws IOException, InterruptedException {
        return Page.read(answer("kv/range", range));
    }

    private byte[] answer(String path, ObjectNode body) throws IOException, InterruptedException {
        try {
            return once(path, body);
        } catch (EtcdException e) {
            if (e.code() != EtcdException.UNAUTHENTICATED || settings.login().isEmpty()) throw e;
            login();
            return once(path, body);
        }
    }

    private byte[] once(String path, ObjectNode body) throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> exchange = http.sendAsync(request(path, body), _ -> new Answer());
        HttpResponse<byte[]> response;
        try {
            response = exchange.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw failure(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw new IOException(endpoint + " did not answer within " + limit.toMillis() + " ms", e);
        } finally {
            exchange.cancel(true);
        }
        if (response.statusCode() != OK) throw error(response.statusCode(), response.body());
        return response.body();
    }

    /** Opens a watch, whose parts and end go to a mailbox. */
    WatchStream watch(ObjectNode request, Consumer<Mail> mailbox) {
        WatchStream stream = new WatchStream(mailbox);
        ObjectNode body = NODES.objectNode();
        body.set("create_request", request);
        var _ = http.sendAsync(
                        request("watch", body),
                        info -> info.statusCode() == OK
                                ? BodySubscribers.fromSubscriber(stream)
                                : BodySubscribers.mapping(new Answer(), bytes -> refused(info.statusCode(), bytes)))
                .whenComplete((_, failure) -> mailbox.accept(new Mail.End(stream, endOf(failure))));
        return stream;
    }

    private Void refused(int status, byte[] bytes) {
        throw new IllegalStateException(error(status, bytes).getMessage());
    }

    private String endOf(@Nullable Throwable failure) {
        if (failure == null) return endpoint + " ended the watch";
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return String.valueOf(failure(cause).getMessage());
    }

    private HttpRequest request(String path, ObjectNode body) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(endpoint.resolve("/v3/" + path))
                .header("Content-Type", "application/json")
                .header("Grpc-Metadata-hasleader", "true")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
        if (token != null) builder.header("Authorization", token);
        return builder.build();
    }

    static JsonNode parse(byte[] bytes) throws IOException {
        try {
            JsonNode answer = JSON.readTree(bytes);
            if (answer != null && answer.isObject()) return answer;
        } catch (JsonProcessingException e) {
            throw new IOException("an answer that is not etcd's: " + e.getOriginalMessage(), e);
        }
        throw new IOException("an answer that is not etcd's");
    }

    private IOException error(int status, byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8).strip();
        if (text.contains("CommonName")) {
            return EtcdException.refusal(
                    "etcd's JSON gateway refuses a client certificate with a CommonName while its authentication is on:"
                            + " use one without (subject /O=…)",
                    null);
        }
        try {
            JsonNode answer = JSON.readTree(text);
            if (answer != null && answer.path("code").isInt()) {
                return EtcdException.of(
                        answer.path("code").asInt(), answer.path("error").asText());
            }
        } catch (JsonProcessingException _) {
            // some proxy's words, then
        }
        return new IOException(endpoint + " answered with HTTP " + status + ": " + Texts.line(text, MAX_TEXT));
    }

    /** The fault, in words for people: the runtime's own often have none. */
    private IOException failure(Throwable cause) {
        if (cause instanceof MessageTooLong tooLong) return tooLong;
        String said = String.valueOf(cause.getMessage());
        if (cause instanceof ConnectException) {
            return new IOException(
                    endpoint + " cannot be reached: " + (cause.getMessage() == null ? "refused" : said), cause);
        }
        boolean alert = cause instanceof SSLException && said.contains("alert");
        if (cause instanceof SSLHandshakeException || alert) {
            return EtcdException.refusal(endpoint + ": TLS: " + said, cause);
        }
        return new IOException(endpoint + ": " + (cause.getMessage() == null ? cause.toString() : said), cause);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
