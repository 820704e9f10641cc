package dev.peregrine.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.gateway.command.client.Screen;
import dev.peregrine.gateway.control.ControlServer;
import dev.peregrine.gateway.control.FakeNouns;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A test that runs the command line against the control socket of a gateway with fixed contents. */
@Timeout(30)
abstract class ClientTest {
    @TempDir
    Path folder;

    final FakeNouns nouns = new FakeNouns();
    Path socket;
    private final ExecutorService control = Executors.newSingleThreadExecutor();
    private ControlServer server;

    @BeforeEach
    void start() throws IOException {
        socket = folder.resolve("control.sock");
        server = ControlServer.start(socket, nouns.list(), control);
    }

    @AfterEach
    void stop() {
        server.close();
        control.shutdownNow();
    }

    /** Runs a command against the socket. */
    Outcome gateway(String... words) {
        return gateway(Screen.UNLIMITED, words);
    }

    /** Runs a command against the socket on a terminal of some columns. */
    Outcome gateway(int width, String... words) {
        List<String> all = new ArrayList<>(List.of("--socket", socket.toString()));
        all.addAll(List.of(words));
        return Outcome.of(Map.of(), width, all.toArray(String[]::new));
    }

    /** Runs a command that is not told the socket. */
    static Outcome run(String... words) {
        return Outcome.of(words);
    }

    void assertTable(String expected, String... words) {
        assertEquals(new Outcome(0, expected, ""), gateway(words));
    }
}
