package dev.peregrine.gateway;

import static dev.peregrine.gateway.LoopbackGateway.OF_FILE;
import static dev.peregrine.gateway.LoopbackGateway.OF_PORT;
import static dev.peregrine.gateway.LoopbackGateway.OTHER_REMOTE;
import static dev.peregrine.gateway.LoopbackGateway.REMOTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.peregrine.gateway.control.report.FdbRow;
import dev.peregrine.gateway.control.report.Removed;
import dev.peregrine.gateway.control.request.FdbFilter;
import dev.peregrine.gateway.noun.FdbCommands;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which FDB entries commands change. */
@Timeout(60)
class FdbControlTest {
    private static final String ADDED = "02:00:00:00:00:03";

    @TempDir
    private Path folder;

    private LoopbackGateway gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = LoopbackGateway.start(folder, "auto", REMOTE);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void flushingTakesWhatWasLearnedAloneUnlessStaticIsNamed() {
        gateway.add(ADDED, REMOTE, true, false);
        gateway.add("02:00:00:00:00:04", REMOTE, false, false);
        assertEquals(new Removed(1), gateway.flush(true, false));
        assertEquals(List.of(OF_PORT, OF_FILE, ADDED), macs());
        assertEquals(new Removed(1), gateway.flush(false, true), "the port and the file keep theirs");
        assertEquals(List.of(OF_PORT, OF_FILE), macs());
        assertEquals(new Removed(0), gateway.flush(true, true));
    }

    @Test
    void entriesOfPortsAndOfTheFileAreNotRemoved() {
        assertEquals(
                "the entry of " + OF_PORT + " in VNI 42 is of port web, and stays while the port is up",
                refused(() -> gateway.delete(OF_PORT)));
        assertEquals(
                "the entry of " + OF_FILE + " in VNI 42 is of the configuration file (fdb): change it there and reload",
                refused(() -> gateway.delete(OF_FILE)));
        for (boolean replaces : new boolean[] {false, true}) {
            refused(() -> gateway.add(OF_PORT, REMOTE, true, replaces));
            refused(() -> gateway.add(OF_PORT, REMOTE, false, replaces));
            refused(() -> gateway.add(OF_FILE, OTHER_REMOTE, true, replaces));
        }
        assertEquals(List.of(OF_PORT, OF_FILE), macs());
        assertEquals(List.of("web", REMOTE), places());
    }

    @Test
    void aStaticEntryMakesRoomOnlyWhenItIsReplaced() {
        gateway.add(ADDED, REMOTE, false, false);
        gateway.add(ADDED, REMOTE, true, false);
        assertEquals(
                ADDED + " in VNI 42 has a static entry already, behind vtep " + REMOTE
                        + ": fdb replace puts another in its place",
                refused(() -> gateway.add(ADDED, OTHER_REMOTE, true, false)));
        refused(() -> gateway.add(ADDED, OTHER_REMOTE, false, false));
        assertEquals(List.of("web", REMOTE, REMOTE), places());
        gateway.add(ADDED, OTHER_REMOTE, true, true);
        assertEquals(List.of("web", REMOTE, OTHER_REMOTE), places());
        gateway.delete(ADDED);
        assertEquals(List.of(OF_PORT, OF_FILE), macs());
    }

    private List<String> macs() {
        return rows().stream().map(FdbRow::mac).toList();
    }

    private List<String> places() {
        return rows().stream()
                .map(row -> row.port() == null ? row.vtep() : row.port())
                .toList();
    }

    private List<FdbRow> rows() {
        return LoopbackGateway.rows(gateway.ask(FdbCommands.class, "fdb list", new FdbFilter(null)), FdbRow.class);
    }

    private static String refused(Runnable command) {
        CompletionException refused = assertThrows(CompletionException.class, command::run);
        return String.valueOf(Objects.requireNonNull(refused.getCause()).getMessage());
    }
}
