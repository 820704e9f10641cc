package dev.peregrine.controlplane.kubernetes;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A small part of a Kubernetes API server for tests: lists in pages, watches with bookmarks, 410, merge patches. THIS
 * IS NOT KUBERNETES: no real API server is at hand, so it behaves as the documentation of the API says, and what that
 * leaves out is not tested. It has one collection; nodes are looked up beside it.
 */
final class ApiServer implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer http;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final String collection;
    private final Map<String, ObjectNode> objects = new TreeMap<>();
    private final List<String> events = new ArrayList<>();
    private final List<Long> versions = new ArrayList<>();
    private final List<String> requests = new ArrayList<>();
    private final Map<String, Fault> faults = new HashMap<>();
    private final Map<String, String> others = new ConcurrentHashMap<>();
    private long version = 100;
    private long compacted;
    private int watches;
    private int generation;
    private int lastEvents;
    private String token = "good";
    private boolean goneByEvent = true;
    private boolean isSilent;

    /** An answer instead of the right one. */
    private record Fault(int status, String body, int times) {}

    ApiServer(String collection) throws IOException {
        this(collection, HttpServer.create());
    }

    /** With a server of HTTP or HTTPS that is not bound yet. */
    ApiServer(String collection, HttpServer unbound) throws IOException {
        this.collection = collection;
        http = unbound;
        http.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/", this::handle);
        http.setExecutor(threads);
        http.start();
    }

    URI uri() {
        String scheme = http instanceof HttpsServer ? "https" : "http";
        return URI.create(scheme + "://127.0.0.1:" + http.getAddress().getPort());
    }

    // For tests.

    synchronized void put(String json) throws IOException {
        ObjectNode object = (ObjectNode) JSON.readTree(json);
        put(object);
    }

    private synchronized void put(ObjectNode object) {
        String name = object.at("/metadata/name").asText();
        object.withObject("metadata").put("resourceVersion", Long.toString(++version));
        String type = objects.put(name, object) == null ? "ADDED" : "MODIFIED";
        happened(type, object);
    }

    synchronized void delete(String name) {
        ObjectNode object = requireNonNull(objects.remove(name), name);
        object.withObject("metadata").put("resourceVersion", Long.toString(++version));
        happened("DELETED", object);
    }

    /** Tells watches the version that others' changes have led to. */
    synchronized void bookmark() {
        version++;
        add("{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"X\",\"metadata\":{\"resourceVersion\":\"" + version
                + "\"}}}");
    }

    private void happened(String type, ObjectNode object) {
        add("{\"type\":\"" + type + "\",\"object\":" + object + "}");
    }

    /** Sends a line to all watches, and to those that begin before it. */
    synchronized void raw(String line) {
        version++;
        add(line);
    }

    private void add(String line) {
        events.add(line);
        versions.add(version);
        notifyAll();
    }

    /** Forgets all events, and changes made while nobody watches. */
    synchronized void compact(boolean byEvent) {
        compacted = ++version;
        goneByEvent = byEvent;
    }

    /** Breaks all watches off, after they have got all events until now. */
    synchronized void disconnect() {
        generation++;
        lastEvents = events.size();
        notifyAll();
    }

    synchronized void silence(boolean on) {
        isSilent = on;
        notifyAll();
    }

    synchronized void accept(String bearer) {
        token = bearer;
    }

    /** The next answers to requests that begin with this method and path. */
    synchronized void fail(String request, int times, int status, String body) {
        faults.put(request, new Fault(status, body, times));
    }

    /** An object outside the collection. */
    void other(String path, String json) {
        others.put(path, json);
    }

    synchronized JsonNode get(String name) {
        ObjectNode object = objects.get(name);
        return object == null ? JSON.missingNode() : object;
    }

    synchronized List<String> requests(String beginning) {
        return requests.stream().filter(one -> one.startsWith(beginning)).toList();
    }

    // For clients.

    private void handle(HttpExchange exchange) throws IOException {
        URI uri = exchange.getRequestURI();
        String request = exchange.getRequestMethod() + " " + uri;
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        synchronized (this) {
            requests.add(request + (body.isEmpty() ? "" : " " + body));
            notifyAll();
        }
        // Not closed after an exception: the server then breaks the connection.
        try {
            Fault fault = fault(request);
            Map<String, String> query = query(uri);
            if (fault != null) {
                answer(exchange, fault.status(), fault.body());
            } else if (!("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                status(exchange, 401, "Unauthorized");
            } else if (query.containsKey("watch")) {
                watch(exchange, Long.parseLong(requireNonNull(query.get("resourceVersion"))), query);
            } else if (uri.getPath().equals(collection)
                    && exchange.getRequestMethod().equals("GET")) {
                list(exchange, query);
            } else {
                change(exchange, exchange.getRequestMethod(), uri.getPath(), body);
            }
            exchange.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized @Nullable Fault fault(String request) {
        for (Map.Entry<String, Fault> entry : faults.entrySet()) {
            Fault fault = entry.getValue();
            if (request.startsWith(entry.getKey()) && fault.times() > 0) {
                entry.setValue(new Fault(fault.status(), fault.body(), fault.times() - 1));
                return fault;
            }
        }
        return null;
    }

    private static Map<String, String> query(URI uri) {
        Map<String, String> query = new HashMap<>();
        if (uri.getQuery() == null) return query;
        for (String part : uri.getQuery().split("&", -1)) {
            query.put(part.replaceAll("=.*", ""), part.replaceAll("[^=]*=", ""));
        }
        return query;
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    static String statusBody(int code, String message) {
        return "{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"" + message + "\",\"code\":" + code + "}";
    }

    private static void status(HttpExchange exchange, int code, String message) throws IOException {
        answer(exchange, code, statusBody(code, message));
    }

    private void list(HttpExchange exchange, Map<String, String> query) throws IOException {
        String list = page(query);
        if (list == null) {
            status(exchange, 410, "The provided continue parameter is too old");
        } else {
            answer(exchange, 200, list);
        }
    }

    /** Null where the version that is asked for is forgotten. */
    private synchronized @Nullable String page(Map<String, String> query) {
        String next = query.getOrDefault("continue", "0@" + version);
        int from = Integer.parseInt(next.replaceAll("@.*", ""));
        long its = Long.parseLong(next.replaceAll(".*@", ""));
        if (its < compacted) return null;
        List<ObjectNode> all = List.copyOf(objects.values());
        int to = Math.min(all.size(), from + Integer.parseInt(requireNonNull(query.get("limit"))));
        ObjectNode list = JSON.createObjectNode().put("kind", "List").put("apiVersion", "v1");
        ObjectNode metadata = list.putObject("metadata").put("resourceVersion", Long.toString(its));
        if (to < all.size()) metadata.put("continue", to + "@" + its);
        list.putArray("items").addAll(all.subList(from, to));
        return list.toString();
    }

    private void watch(HttpExchange exchange, long from, Map<String, String> query)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime()
                + TimeUnit.SECONDS.toNanos(Long.parseLong(requireNonNull(query.get("timeoutSeconds"))));
        boolean isGone;
        int its;
        synchronized (this) {
            isGone = from < compacted;
            its = generation;
            watches++;
            notifyAll();
        }
        if (isGone && !goneByEvent) {
            status(exchange, 410, "too old resource version");
            return;
        }
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        out.flush();
        if (isGone) {
            out.write(("{\"type\":\"ERROR\",\"object\":" + statusBody(410, "too old resource version") + "}\n")
                    .getBytes(StandardCharsets.UTF_8));
            return;
        }
        for (int i = 0; ; i++) {
            String event = event(i, from, its, deadline);
            if (event == null) return;
            if (event.equals("BREAK")) throw new IOException("as the test wants it");
            if (event.isEmpty()) continue;
            out.write((event + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
    }

    /** The event at an index, when it is there; empty for one that is older; null when time is over. */
    private synchronized @Nullable String event(int index, long from, int its, long deadline)
            throws InterruptedException {
        while (true) {
            if (its != generation && index >= lastEvents) return "BREAK";
            if (index < events.size() && !isSilent) return versions.get(index) <= from ? "" : events.get(index);
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0 && !isSilent) return null;
            wait(Math.max(1, left));
        }
    }

    synchronized int watches() {
        return watches;
    }

    private void change(HttpExchange exchange, String method, String path, String body) throws IOException {
        String answer = method.equals("GET") ? others.get(path) : changed(method, path, body);
        int missing = method.equals("POST") ? 409 : 404;
        answer(exchange, answer == null ? missing : 200, answer == null ? statusBody(missing, "no") : answer);
    }

    /** The object that was changed; null where it is missing, or is not to be there. */
    private synchronized @Nullable String changed(String method, String path, String body) throws IOException {
        ObjectNode wanted = body.isEmpty() ? JSON.createObjectNode() : (ObjectNode) JSON.readTree(body);
        if (method.equals("POST")) {
            if (objects.containsKey(wanted.at("/metadata/name").asText())) return null;
            put(wanted);
            return wanted.toString();
        }
        String name = path.replace("/status", "").replaceAll(".*/", "");
        ObjectNode present = objects.get(name);
        if (present == null) return null;
        if (method.equals("DELETE")) {
            delete(name);
        } else {
            merge(present, wanted);
            put(present);
        }
        return present.toString();
    }

    /** RFC 7386. */
    private static void merge(ObjectNode into, JsonNode patch) {
        patch.properties().forEach(field -> {
            JsonNode value = field.getValue();
            if (value.isNull()) {
                into.remove(field.getKey());
            } else if (value.isObject()) {
                merge(into.withObjectProperty(field.getKey()), value);
            } else {
                into.set(field.getKey(), value);
            }
        });
    }

    /** Waits until the server has seen something. */
    synchronized void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) throw new AssertionError("not seen: " + what + "; but " + requests);
            wait(left);
        }
    }

    @Override
    public void close() {
        disconnect();
        http.stop(0);
        threads.shutdownNow();
    }
}
