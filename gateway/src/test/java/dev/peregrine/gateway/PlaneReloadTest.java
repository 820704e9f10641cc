package dev.peregrine.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.change.Outcome;
import dev.peregrine.gateway.control.report.PlaneRow;
import dev.peregrine.gateway.control.report.VniRow;
import dev.peregrine.gateway.control.request.change.ReloadOptions;
import dev.peregrine.gateway.noun.ConfigCommands;
import dev.peregrine.gateway.noun.ControlCommands;
import dev.peregrine.gateway.noun.VniCommands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Keys of control planes, and of VNIs that listen to them, follow the file without a restart. */
@Timeout(60)
class PlaneReloadTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    private Path folder;

    private Path claims;
    private Path file;
    private String local;
    private LoopbackGateway gateway;

    @BeforeEach
    void start() throws Exception {
        claims = Files.createDirectory(folder.resolve("claims"));
        file = folder.resolve("gateway.yaml");
        local = LoopbackGateway.address();
        gateway = LoopbackGateway.start(ConfigFile.load(Files.writeString(file, text("one", ""))));
        awaitFile("one", true);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    /** A gateway that announces itself to a file, or, with an empty name, has no plane. */
    private String text(String announce, String ofVni) {
        String planes = announce.isEmpty()
                ? ""
                : "planes: [{name: dir, type: file, path: %s, announce: %s}], ".formatted(claims, own(announce));
        return """
                underlay: {local: %s, port: 4789}
                workers: {count: 1, idle: block}
                control: {%scache: off}
                vnis:
                  - vni: 42
                    control: [%s]
                    %s
                    ports:
                      - {name: web, type: socket, listen: "198.19.0.9:9000", mac: "%s", deliver: "unix:%s/app.sock"}
                """.formatted(local, planes, announce.isEmpty() ? "" : "dir", ofVni, LoopbackGateway.OF_PORT, folder);
    }

    private Path own(String name) {
        return claims.resolve(name + ".json");
    }

    private void reload(String text) throws Exception {
        Files.writeString(file, text);
        Outcome outcome = (Outcome) gateway.ask(ConfigCommands.class, "reload", new ReloadOptions(false));
        assertTrue(outcome.applied() && outcome.restart().isEmpty(), outcome::toString);
    }

    private void awaitFile(String name, boolean isThere) {
        Await.until(LIMIT, name + " is there: " + isThere, () -> Files.exists(own(name)) == isThere, this::planes);
    }

    private List<PlaneRow> planes() {
        return gateway.list(ControlCommands.class, "control list", PlaneRow.class);
    }

    private String learning() {
        return gateway.list(VniCommands.class, "vni list", VniRow.class)
                .getFirst()
                .learningFrom();
    }

    @Test
    void aPlaneThatPublishesElsewhereWithdrawsFromTheOldPlace() throws Exception {
        reload(text("two", ""));
        awaitFile("two", true);
        awaitFile("one", false);
        assertEquals(1, planes().size());
    }

    @Test
    void aPlaneWhoseLimitsChangeKeepsItsPlace() throws Exception {
        String before = Files.readString(own("one"));
        reload(text("one", "").replace("type: file", "type: file, allow: [198.18.0.0/16]"));
        Await.until(LIMIT, "live", () -> planes().getFirst().state().equals("live"), this::planes);
        Await.until(LIMIT, "announced", () -> planes().getFirst().announced() > 0, this::planes);
        assertEquals(before, Files.readString(own("one")));
    }

    @Test
    void aPlaneThatIsRemovedWithdraws() throws Exception {
        reload(text("", ""));
        awaitFile("one", false);
        assertEquals(List.of(), planes());
    }

    @Test
    void learningFollowsTheFileAndThePlanes() throws Exception {
        assertEquals("ports", learning());
        reload(text("one", "learning: true"));
        assertEquals("all", learning());
        reload(text("one", "learning: false"));
        assertEquals("none", learning());
        reload(text("one", ""));
        assertEquals("ports", learning());
        reload(text("", ""));
        assertEquals("all", learning());
    }
}
