package dev.peregrine.gateway.live.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.command.Cli;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The gateway, run as a user runs it, on a host of a {@link Lab}. Closing ends it by SIGTERM and checks that it went
 * well.
 */
public final class GatewayProcess implements AutoCloseable {
    static final Duration READY_LIMIT = Duration.ofSeconds(40);
    static final Duration END_LIMIT = Duration.ofSeconds(20);

    /** The JVM flags that {@code scripts/peregrine} gives it, without those that take time to start. */
    private static final List<String> FLAGS = List.of(Jvm.arguments("jvm"), Jvm.arguments("gateway"));

    private static final String MAIN = "dev.peregrine.gateway.Main";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<GatewayProcess> STARTED = new CopyOnWriteArrayList<>();

    private final Path folder;
    private final Path socket;
    private final List<String> words;
    private final BackgroundProcess process;
    private Duration endLimit = END_LIMIT;
    private boolean ended;

    private GatewayProcess(Path folder, List<String> words) {
        this.folder = folder;
        this.words = words;
        socket = socket(folder);
        process = BackgroundProcess.start(words);
        STARTED.add(this);
    }

    private static Path socket(Path folder) {
        return folder.resolve("control.sock");
    }

    /** Starts a gateway that is expected to refuse; {@code config} as in {@link #start}. */
    public static GatewayProcess launch(Namespace host, String config) {
        return launch(host, config, List.of());
    }

    private static GatewayProcess launch(Namespace host, String config, List<String> moreFlags) {
        try {
            Path folder = Files.createTempDirectory("peregrine-live-");
            Path file = write(folder, config);
            List<String> run = List.of("run", "--config", file.toString());
            List<String> flags = new ArrayList<>(FLAGS);
            flags.addAll(moreFlags.isEmpty() ? ProgramArchive.flags() : moreFlags);
            return new GatewayProcess(folder, host.words(Jvm.words(flags, ProgramArchive.jars(), MAIN, run)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path write(Path folder, String config) throws IOException {
        String socket = "control:\n  socket: \"" + socket(folder) + "\"\n";
        boolean hasPlanes = config.contains("control:\n");
        String whole = hasPlanes ? config.replaceFirst("(?m)^control:\n", socket) : config + socket;
        return Files.writeString(folder.resolve("gateway.yaml"), whole);
    }

    /**
     * Writes another configuration, which the gateway reads when it is told to; {@code config} as in {@link #start}.
     */
    public void write(String config) {
        try {
            write(folder, config);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGHUP. */
    public void hangUp() {
        Command.output("kill", "-HUP", String.valueOf(pid()));
    }

    /** Whether SIGHUP was ignored when it was started: the JVM leaves it at that, see proc_pid_status(5). */
    public boolean ignoresHangUp() {
        String ignored = Command.output("grep", "SigIgn", "/proc/" + pid() + "/status");
        return Long.parseUnsignedLong(ignored.replaceAll("\\s|SigIgn:", ""), 16) % 2 == 1;
    }

    /** Starts a gateway, and returns when traffic flows. {@code config} is YAML without {@code control.socket}. */
    public static GatewayProcess start(Namespace host, String config) {
        return start(host, config, List.of());
    }

    /** Starts a gateway that has to wait for its underlay, and returns when it answers commands. */
    public static GatewayProcess startWaiting(Namespace host, String config) {
        GatewayProcess started = launch(host, config);
        Await.until(READY_LIMIT, "it answers", () -> started.command("status").exit() == 0, started::toString);
        return started;
    }

    /** With JVM flags besides those that users have. */
    static GatewayProcess start(Namespace host, String config, List<String> moreFlags) {
        return launch(host, config, moreFlags).awaitReady(READY_LIMIT);
    }

    /** With more time to start and to end, for many devices. */
    public static GatewayProcess start(Namespace host, String config, Duration limit) {
        GatewayProcess gateway = launch(host, config);
        gateway.endLimit = limit;
        return gateway.awaitReady(limit);
    }

    /** Starts a gateway with the configuration, and so the socket file, of this one, which has ended. */
    public GatewayProcess startAgain() {
        return new GatewayProcess(folder, words).awaitReady(READY_LIMIT);
    }

    private GatewayProcess awaitReady(Duration limit) {
        try {
            process.awaitLine(limit, "ready line", line -> line.startsWith("ready"));
            return this;
        } catch (AssertionError e) {
            kill();
            throw e;
        }
    }

    /** How a command of the command line ended. */
    public record Answer(int exit, String out, String err) {}

    /** Runs a command against this gateway, such as {@code fdb list}. */
    public Answer command(String... words) {
        return command(socket, words);
    }

    /** Runs a command that must succeed. */
    public void done(String... words) {
        Answer answer = command(words);
        assertEquals(0, answer.exit(), answer::toString);
    }

    public static Answer command(Path socket, String... words) {
        var out = new StringWriter();
        var err = new StringWriter();
        List<String> line = new ArrayList<>(List.of("--socket", socket.toString(), "--json"));
        line.addAll(List.of(words));
        var cli = new Cli(
                file -> {
                    throw new IOException("no gateway is started in this process");
                },
                new PrintWriter(out),
                new PrintWriter(err));
        int exit = cli.execute(line.toArray(String[]::new));
        return new Answer(exit, out.toString(), err.toString());
    }

    /** The JSON result of a command that must succeed. */
    public JsonNode json(String... words) {
        Answer answer = command(words);
        assertEquals(0, answer.exit(), () -> String.join(" ", words) + ": " + answer + "\n" + this);
        try {
            return JSON.readTree(answer.out());
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(answer.toString(), e);
        }
    }

    public JsonNode status() {
        return json("status");
    }

    /** The row of {@code NOUN list} whose {@code field} has the value. */
    public JsonNode row(String noun, String field, String value) {
        JsonNode rows = json(noun, "list");
        for (JsonNode row : rows) if (row.path(field).asText().equals(value)) return row;
        throw new AssertionError("no " + noun + " with " + field + " " + value + " in " + rows);
    }

    public JsonNode port(String name) {
        return row("port", "name", name);
    }

    /** Every reason with its count. */
    public Map<String, Long> drops() {
        Map<String, Long> counts = new TreeMap<>();
        json("drop", "list")
                .forEach(row -> counts.put(
                        row.path("reason").asText(), row.path("count").asLong()));
        return counts;
    }

    /** The value that {@code status} gives of a counter of the kernel. */
    public long kernelCounter(String name) {
        for (JsonNode row : status().path("kernelCounters")) {
            if (row.path("name").asText().equals(name)) return row.path("count").asLong();
        }
        throw new AssertionError("no kernel counter " + name + " in " + status());
    }

    /**
     * The counts that have grown since an earlier look. Leaves out what a remote kernel says of frames that it was
     * sent: where a test plays the remote VTEP nobody listens, and how many ICMP errors a kernel sends is its own
     * affair.
     */
    public Map<String, Long> dropsSince(Map<String, Long> earlier) {
        Map<String, Long> counts = allDropsSince(earlier);
        counts.remove("UNDERLAY_UNREACHABLE");
        return counts;
    }

    /** Waits for {@link #dropsSince} to be exactly these: the worker may take a datagram a little after it was sent. */
    public void awaitDropsSince(Map<String, Long> earlier, Map<String, Long> expected) {
        Await.until(
                READY_LIMIT,
                "drops are " + expected,
                () -> dropsSince(earlier).equals(expected),
                () -> dropsSince(earlier));
    }

    /** The counts that have grown since an earlier look, with ICMP errors. */
    public Map<String, Long> allDropsSince(Map<String, Long> earlier) {
        Map<String, Long> counts = drops();
        counts.replaceAll((reason, count) -> count - earlier.getOrDefault(reason, 0L));
        counts.values().removeIf(count -> count == 0);
        return counts;
    }

    /** Its own account, for failure messages. */
    public String counters() {
        StringBuilder counters = new StringBuilder("drops " + allDropsSince(Map.of()));
        for (String list : List.of("port", "fdb", "stage"))
            counters.append('\n').append(command(list, "list").out());
        return counters.toString();
    }

    public Path socket() {
        return socket;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    public List<String> log() {
        return process.lines();
    }

    /** The exit code, once it has ended by itself or by {@link #kill}. */
    public int awaitExit() {
        int exit = process.awaitExit(endLimit);
        ended = true;
        ProgramArchive.ended(words, exit);
        return exit;
    }

    /** SIGTERM, as service managers send it. */
    public void terminate() {
        process.terminate();
    }

    /** SIGKILL. */
    public void kill() {
        process.kill();
        awaitExit();
    }

    @Override
    public void close() {
        if (!ended) {
            assertEquals(0L, drops().getOrDefault("STAGE_FAILED", -1L), this::toString);
            terminate();
            assertEquals(0, awaitExit(), this::toString);
            assertFalse(Files.exists(socket), () -> "control socket left: " + this);
        }
        process.close();
        removeFolder();
    }

    private void removeFolder() {
        try {
            for (String file : List.of("gateway.yaml", "control.sock", ".")) {
                Files.deleteIfExists(folder.resolve(file).normalize());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gateways that were started since the last call. */
    static List<GatewayProcess> takeStarted() {
        List<GatewayProcess> started = List.copyOf(STARTED);
        STARTED.removeAll(started);
        return started;
    }

    @Override
    public String toString() {
        return process.toString();
    }
}
