package dev.peregrine.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.control.Vni;
import dev.peregrine.gateway.control.report.NeighbourRow;
import dev.peregrine.gateway.control.request.NeighbourAddition;
import dev.peregrine.gateway.control.request.NeighbourFilter;
import dev.peregrine.gateway.control.request.NeighbourKey;
import dev.peregrine.gateway.noun.NeighbourCommands;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The neighbours of a VNI that answers for them: one of the file, and those that commands make. */
@Timeout(60)
class NeighbourCommandsTest {
    private static final Class<NeighbourCommands> NOUN = NeighbourCommands.class;
    private static final String OF_FILE = "02:00:00:00:00:02";
    private static final String OTHER = "02:00:00:00:00:03";
    private static final Vni VNI = new Vni(42);

    @TempDir
    private Path folder;

    private LoopbackGateway gateway;

    @BeforeEach
    void start() throws Exception {
        Path file = Files.writeString(folder.resolve("gateway.yaml"), """
                underlay: {local: %s}
                workers: {count: 1, idle: block}
                vnis:
                  - vni: 42
                    suppressNeighbours: true
                    neighbours: [{address: 198.19.0.7, mac: "%s"}]
                    fdb: [{mac: "%s", vtep: %s}]
                """.formatted(
                        LoopbackGateway.address(), OF_FILE, OF_FILE, LoopbackGateway.REMOTE));
        gateway = LoopbackGateway.start(ConfigFile.load(file));
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private List<NeighbourRow> list() {
        return LoopbackGateway.rows(gateway.ask(NOUN, "neighbour list", new NeighbourFilter(VNI)), NeighbourRow.class);
    }

    private static NeighbourAddition entry(String address, String mac) {
        return new NeighbourAddition(
                InetAddress.ofLiteral(address), Objects.requireNonNull(MacAddress.parse(mac)), VNI);
    }

    private String refused(String command, Record request) {
        CompletionException refused =
                assertThrows(CompletionException.class, () -> gateway.ask(NOUN, command, request));
        return String.valueOf(Objects.requireNonNull(refused.getCause()).getMessage());
    }

    @Test
    void entriesAreMadeReplacedAndRemoved() {
        NeighbourRow ofFile =
                new NeighbourRow("198.19.0.7", 42, OF_FILE, null, LoopbackGateway.REMOTE, "static", 0, "file", null);
        assertEquals(List.of(ofFile), list());
        gateway.ask(NOUN, "neighbour add", entry("fd00::7", OTHER));
        NeighbourRow made = new NeighbourRow("fd00::7", 42, OTHER, null, null, "static", 0, "command", null);
        assertEquals(List.of(ofFile, made), list(), "IPv4 comes first; its MAC is behind nothing");
        assertEquals(
                "fd00::7 in VNI 42 has a static entry already: neighbour replace puts another in its place",
                refused("neighbour add", entry("fd00::7", OF_FILE)));
        gateway.ask(NOUN, "neighbour replace", entry("fd00::7", OF_FILE));
        assertEquals(LoopbackGateway.REMOTE, list().getLast().vtep());
        gateway.ask(NOUN, "neighbour del", entry("fd00::7", OF_FILE).key());
        assertEquals(List.of(ofFile), list());
    }

    @Test
    void theFilesEntriesStay() {
        String reason = "the entry of 198.19.0.7 in VNI 42 is of the configuration file (neighbours): change it there";
        assertEquals(reason, refused("neighbour add", entry("198.19.0.7", OTHER)));
        assertEquals(reason, refused("neighbour replace", entry("198.19.0.7", OTHER)));
        assertEquals(reason, refused("neighbour del", new NeighbourKey(InetAddress.ofLiteral("198.19.0.7"), VNI)));
    }
}
