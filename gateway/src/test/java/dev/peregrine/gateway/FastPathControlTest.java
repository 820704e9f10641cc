package dev.peregrine.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.gateway.command.Cli;
import dev.peregrine.gateway.command.Gateway;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.control.ControlServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands about the flow cache to a gateway without ports on the loopback interface, which takes no privileges. */
@Timeout(60)
class FastPathControlTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private Gateway gateway;
    private ControlServer server;

    @BeforeEach
    void start() throws Exception {
        String yaml = """
                underlay: {local: %s, offload: {gro: off, gso: off}}
                workers: {count: 1, idle: block}
                fastpath: {capacity: 64}
                vnis: [{vni: 42}]
                control: {socket: "%s"}
                """.formatted(ownAddress(), socket());
        gateway = OverlayGateway.start(ConfigFile.load(Files.writeString(folder.resolve("gateway.yaml"), yaml)));
        server = ControlServer.start(socket(), gateway.commands(), gateway.controlThread());
    }

    @AfterEach
    void stop() {
        server.close();
        gateway.close();
    }

    /** Of the loopback interface, another one for each process. */
    private static String ownAddress() {
        long id = ProcessHandle.current().pid();
        return "127.%d.%d.%d".formatted(id >>> 16 & 0x7f, id >>> 8 & 0xff, id & 0xff);
    }

    private Path socket() {
        return folder.resolve("control.sock");
    }

    @Test
    void theCacheRestsUnderEveryScheduleButRunToCompletion() throws IOException {
        assertFalse(stats().path("resting").asBoolean(true));
        for (String mode : List.of("queued", "pipelined")) {
            answer("schedule", "set", mode);
            JsonNode stats = stats();
            assertTrue(stats.path("resting").asBoolean(), () -> mode + ": " + stats);
            assertTrue(stats.path("enabled").asBoolean(), () -> mode + ": " + stats);
        }
        answer("schedule", "set", "run-to-completion");
        assertFalse(stats().path("resting").asBoolean(true));
    }

    private JsonNode stats() throws IOException {
        return JSON.readTree(answer("flow", "stats"));
    }

    private String answer(String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> line = new ArrayList<>(List.of("--socket", socket().toString(), "--json"));
        line.addAll(List.of(words));
        Cli cli = new Cli(OverlayGateway::start, new PrintWriter(out), new PrintWriter(err));
        assertEquals(0, cli.execute(line.toArray(String[]::new)), err::toString);
        return out.toString();
    }
}
