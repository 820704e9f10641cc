package dev.peregrine.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.peregrine.gateway.command.Gateway;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.MacAddress;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.FdbAddition;
import dev.peregrine.gateway.control.FdbFilter;
import dev.peregrine.gateway.control.FdbFlush;
import dev.peregrine.gateway.control.FdbKey;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which FDB entries commands change, at a gateway with a socket port on the loopback interface, which takes no privileges. */
@Timeout(60)
class FdbControlTest {
    private static final String OF_PORT = "02:00:00:00:00:01";
    private static final String OF_FILE = "02:00:00:00:00:02";
    private static final String ADDED = "02:00:00:00:00:03";
    private static final String REMOTE = "127.0.64.2";
    private static final String OTHER_REMOTE = "127.0.64.3";

    @TempDir
    private Path folder;

    private Gateway gateway;

    @BeforeEach
    void start() throws Exception {
        String yaml = """
                underlay: {local: %s, port: %d}
                workers: {count: 1, idle: block}
                vnis:
                  - vni: 42
                    flood: [%s]
                    fdb: [{mac: "%s", vtep: %s}]
                    ports:
                      - {name: web, type: socket, listen: "198.19.0.9:9000", mac: "%s", deliver: "unix:%s/app.sock"}
                """.formatted(address(), 4789, REMOTE, OF_FILE, REMOTE, OF_PORT, folder);
        gateway = OverlayGateway.start(ConfigFile.load(Files.writeString(folder.resolve("gateway.yaml"), yaml)));
    }

    /** Of the loopback interface, another for each process. */
    private static String address() {
        long id = ProcessHandle.current().pid();
        return "127.%d.%d.%d".formatted(192 + (id >>> 16 & 0x3f), id >>> 8 & 0xff, id & 0xff);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void flushingTakesWhatWasLearnedAloneUnlessStaticIsNamed() {
        add(ADDED, REMOTE, true, false);
        add("02:00:00:00:00:04", REMOTE, false, false);
        assertEquals(1, flush(true, false));
        assertEquals(List.of(OF_PORT, OF_FILE, ADDED), macs());
        assertEquals(1, flush(false, true), "the port and the file keep theirs");
        assertEquals(List.of(OF_PORT, OF_FILE), macs());
        assertEquals(0, flush(true, true));
    }

    @Test
    void entriesOfPortsAndOfTheFileAreNotRemoved() {
        assertEquals(
                "the entry of " + OF_PORT + " in VNI 42 is of port web, and stays while the port is up",
                refused(() -> delete(OF_PORT)));
        assertEquals(
                "the entry of " + OF_FILE
                        + " in VNI 42 is of the configuration file (fdb): change it there and restart",
                refused(() -> delete(OF_FILE)));
        for (boolean replaces : new boolean[] {false, true}) {
            refused(() -> add(OF_PORT, REMOTE, true, replaces));
            refused(() -> add(OF_PORT, REMOTE, false, replaces));
            refused(() -> add(OF_FILE, OTHER_REMOTE, true, replaces));
        }
        assertEquals(List.of(OF_PORT, OF_FILE), macs());
        assertEquals(List.of("web", REMOTE), places());
    }

    @Test
    void aStaticEntryMakesRoomOnlyWhenItIsReplaced() {
        add(ADDED, REMOTE, false, false);
        add(ADDED, REMOTE, true, false);
        assertEquals(
                ADDED + " in VNI 42 has a static entry already, behind vtep " + REMOTE
                        + ": fdb replace puts another in its place",
                refused(() -> add(ADDED, OTHER_REMOTE, true, false)));
        refused(() -> add(ADDED, OTHER_REMOTE, false, false));
        assertEquals(List.of("web", REMOTE, REMOTE), places());
        add(ADDED, OTHER_REMOTE, true, true);
        assertEquals(List.of("web", REMOTE, OTHER_REMOTE), places());
        delete(ADDED);
        assertEquals(List.of(OF_PORT, OF_FILE), macs());
    }

    private List<String> macs() {
        return ask(() -> gateway.commands().fdb(new FdbFilter(OptionalInt.empty()))).stream()
                .map(row -> row.mac())
                .toList();
    }

    private List<String> places() {
        return ask(() -> gateway.commands().fdb(new FdbFilter(OptionalInt.empty()))).stream()
                .map(row -> row.port() == null ? row.vtep() : row.port())
                .toList();
    }

    private void add(String mac, String vtep, boolean isStatic, boolean replaces) {
        FdbAddition addition = new FdbAddition(
                key(mac), Optional.of(InetAddress.ofLiteral(vtep)), Optional.empty(), isStatic, false, replaces);
        ask(() -> {
            gateway.commands().fdbAdd(addition);
            return true;
        });
    }

    private void delete(String mac) {
        ask(() -> {
            gateway.commands().fdbDelete(key(mac));
            return true;
        });
    }

    private int flush(boolean dynamics, boolean statics) {
        FdbFlush flush = new FdbFlush(OptionalInt.empty(), Optional.empty(), Optional.empty(), dynamics, statics);
        return ask(() -> gateway.commands().fdbFlush(flush));
    }

    private static FdbKey key(String mac) {
        return new FdbKey(Objects.requireNonNull(MacAddress.parse(mac)), 42);
    }

    private static String refused(Runnable command) {
        CompletionException refused = assertThrows(CompletionException.class, command::run);
        return String.valueOf(Objects.requireNonNull(refused.getCause()).getMessage());
    }

    private interface Question<T> {
        T ask() throws CommandRefused;
    }

    /** The answer of the control thread. */
    private <T> T ask(Question<T> question) {
        return CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return question.ask();
                            } catch (CommandRefused refused) {
                                throw new CompletionException(refused);
                            }
                        },
                        gateway.controlThread())
                .join();
    }
}
