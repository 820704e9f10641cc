package dev.peregrine.controlplane.kubernetes;

import static dev.peregrine.controlplane.kubernetes.Samples.NODES;
import static dev.peregrine.controlplane.kubernetes.Samples.claimsOfNode;
import static dev.peregrine.controlplane.kubernetes.Samples.mac;
import static dev.peregrine.controlplane.kubernetes.Samples.macOf;
import static dev.peregrine.controlplane.kubernetes.Samples.node;
import static dev.peregrine.controlplane.kubernetes.Samples.plainNode;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.kubernetes.KubernetesSettings.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A plane of nodes follows its API server through what may happen to both. The server is {@link ApiServer}, a few
 * hundred lines that behave as the documentation of the API says. IT HAS NOT BEEN TRIED AGAINST A REAL API SERVER.
 */
class KubernetesPlaneTest {
    private final Recorder feed = new Recorder();

    @TempDir
    private Path folder;

    private final ApiServer server;
    private @Nullable KubernetesPlane plane;

    KubernetesPlaneTest() throws IOException {
        server = new ApiServer(NODES);
    }

    private Path token(String text) throws IOException {
        return Files.writeString(folder.resolve("token"), text);
    }

    @AfterEach
    void end() {
        if (plane != null) plane.close();
        server.close();
    }

    private void begin(Duration watchPeriod) throws IOException {
        KubernetesPlane begun = new KubernetesPlane(new KubernetesSettings(
                "k8s",
                Mode.FLANNEL,
                server.uri(),
                Optional.of(token("good\n")),
                Optional.empty(),
                "node1",
                Samples.ip("198.18.0.1"),
                watchPeriod));
        plane = begun;
        begun.start(feed);
    }

    private void begin() throws IOException {
        begin(Duration.ofSeconds(60));
    }

    private void beginWith(int... nodes) throws Exception {
        for (int n : nodes) server.put(node(n));
        begin();
        awaitWatch(1);
    }

    private void awaitWatch(int number) throws InterruptedException {
        server.await("watch " + number, () -> server.watches() >= number);
        feed.awaitState(PlaneState.LIVE);
    }

    private void assertNodes(int... nodes) {
        Map<Claim.Key, Claim> wanted = new HashMap<>();
        for (int n : nodes) claimsOfNode(n).forEach(claim -> wanted.put(claim.key(), claim));
        assertEquals(wanted, feed.claims());
    }

    private void awaitNode(int n) throws InterruptedException {
        for (Claim claim : claimsOfNode(n)) feed.awaitClaim(claim);
    }

    @Test
    void aListOfManyPagesIsOnePicture() throws Exception {
        List<Integer> others = new ArrayList<>();
        for (int n = 1; n <= 250; n++) {
            server.put(node(n));
            if (n != 1) others.add(n); // the own one
        }
        server.put(plainNode("other", "10.245.0.0/24"));
        begin();
        awaitWatch(1);
        assertNodes(others.stream().mapToInt(n -> n).toArray());
        assertEquals(1, feed.pictures());
        assertEquals(List.of("CONNECTING", "SYNCING", "LIVE"), feed.states());
        List<String> lists = server.requests("GET /api/v1/nodes?limit=100");
        assertEquals(3, lists.size(), lists::toString);
        assertTrue(lists.get(1).contains("&continue=100%40"), lists::toString);
        String watch = server.requests("GET /api/v1/nodes?watch=1").getFirst();
        assertTrue(watch.contains("&allowWatchBookmarks=true&resourceVersion=351&timeoutSeconds="), watch);
    }

    @Test
    void eventsAreFollowed() throws Exception {
        beginWith(2, 3);
        server.put(node(4));
        awaitNode(4);
        server.delete("node2");
        feed.await("node2 has gone", now -> now.claims().size() == 6);
        server.put(node("node3", 3, "198.18.0.3", mac(99)));
        feed.awaitClaim(claimsOfNode("node3", 3, "198.18.0.3", macOf(99)).getLast());
        server.put(plainNode("node4", "10.244.4.0/24"));
        feed.await("node4 is none any more", now -> now.claims().size() == 3);
        assertEquals(1, feed.pictures());
    }

    /** A node that was renamed and not removed yet, as reported at Calico 7281. */
    @Test
    void aVtepIsThereAsLongAsOneNodeSaysSo() throws Exception {
        beginWith(2);
        server.put(node("renamed", 2, "198.18.0.2", mac(2)));
        feed.awaitClaim(new Claim.Vtep(Samples.ip("198.18.0.2"), "renamed", ""));
        server.delete("node2");
        server.put(node(5));
        awaitNode(5);
        assertEquals(6, feed.claims().size());
        server.delete("renamed");
        feed.await("both are gone", now -> now.claims().size() == 3);
    }

    @Test
    void aBrokenWatchGoesOnWhereItWas() throws Exception {
        beginWith(2);
        server.put(node(3));
        awaitNode(3);
        server.disconnect();
        awaitWatch(2);
        server.put(node(4));
        awaitNode(4);
        assertNodes(2, 3, 4);
        assertEquals(1, feed.pictures());
        assertEquals("LIVE", feed.lastState());
        List<String> watches = server.requests("GET /api/v1/nodes?watch=1");
        assertTrue(watches.getLast().contains("resourceVersion=102&"), watches::toString);
    }

    @Test
    void aBookmarkMovesTheVersion() throws Exception {
        beginWith(2);
        server.compact(true);
        server.bookmark();
        server.disconnect();
        awaitWatch(2);
        List<String> watches = server.requests("GET /api/v1/nodes?watch=1");
        assertTrue(watches.getLast().contains("resourceVersion=103&"), watches::toString);
        server.put(node(3));
        awaitNode(3);
        assertEquals(1, feed.pictures());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aForgottenVersionIsListedAgain(boolean byEvent) throws Exception {
        beginWith(2, 3);
        server.put(node(4));
        awaitNode(4);
        synchronized (server) { // no watch begins in between
            server.disconnect();
            server.delete("node2");
            server.compact(byEvent);
        }
        feed.await("another picture", now -> now.pictures() == 2);
        awaitWatch(3);
        assertNodes(3, 4);
        assertEquals(List.of("CONNECTING", "SYNCING", "LIVE"), feed.states());
    }

    @Test
    void aPageThatIsTooOldBeginsTheListAnew() throws Exception {
        for (int n = 2; n <= 150; n++) server.put(node(n));
        server.fail("GET /api/v1/nodes?limit=100&continue=", 1, 410, ApiServer.statusBody(410, "expired"));
        begin();
        awaitWatch(1);
        assertEquals(1, feed.pictures());
        assertEquals(149 * 3, feed.claims().size());
        assertEquals(2, server.requests("GET /api/v1/nodes?limit=100&continue=").size());
        assertEquals(List.of("CONNECTING", "SYNCING", "LIVE"), feed.states());
    }

    @Test
    void aListThatBreaksOffIsNotReported() throws Exception {
        beginWith(2);
        String half = "{\"metadata\":{\"resourceVersion\":\"9\"},\"items\":[" + node(3);
        server.fail("GET /api/v1/nodes?limit", 1, 200, half);
        requireNonNull(plane).resync();
        feed.await("it was away", now -> now.states().stream().anyMatch(one -> one.startsWith("AWAY")));
        assertNodes(2);
        awaitWatch(2);
        assertNodes(2);
        assertEquals(2, feed.pictures());
        assertTrue(feed.states().get(3).startsWith("AWAY: a list: "), feed.states()::toString);
    }

    @Tag("slow")
    @Test
    void aSilentWatchEnds() throws Exception {
        server.put(node(2));
        begin(Duration.ofSeconds(1));
        awaitWatch(1);
        server.silence(true);
        awaitWatch(3);
        assertEquals(1, feed.pictures());
        assertEquals(List.of("CONNECTING", "SYNCING", "LIVE"), feed.states());
        server.put(node(3));
        server.silence(false);
        awaitNode(3);
    }

    @Test
    void aServerThatIsGoneIsAway() throws Exception {
        beginWith(2);
        server.close();
        feed.await("the reason", now -> now.lastState().startsWith("AWAY: " + server.uri() + ": "));
        assertNodes(2);
    }

    @Test
    void aServerThatIsNotThereYetIsAwaited() throws Exception {
        ApiServer gone = server;
        gone.close();
        begin();
        feed.await("a reason", now -> now.states().size() > 1);
        assertTrue(feed.lastState().startsWith("CONNECTING: " + gone.uri() + ": "), feed.lastState());
    }

    @Test
    void anotherTokenIsRead() throws Exception {
        beginWith(2);
        server.accept("rotated");
        server.put(node(3));
        awaitNode(3); // an open watch is not asked again
        server.disconnect();
        feed.awaitState(PlaneState.REFUSED);
        assertEquals("REFUSED: 401 for GET /api/v1/nodes: Unauthorized", feed.lastState());
        assertNodes(2, 3);
        token("rotated");
        feed.awaitState(PlaneState.LIVE);
        server.put(node(4));
        awaitNode(4);
    }

    @Test
    void missingRightsAreTheReason() throws Exception {
        String message =
                "nodes is forbidden: User \\\"system:serviceaccount:a:b\\\" cannot list resource \\\"nodes\\\"";
        server.fail("GET /api/v1/nodes?limit", 1, 403, ApiServer.statusBody(403, message));
        server.put(node(2));
        begin();
        awaitWatch(1);
        assertEquals(
                List.of(
                        "CONNECTING",
                        "REFUSED: 403 for GET /api/v1/nodes: " + message.replace("\\", ""),
                        "SYNCING",
                        "LIVE"),
                feed.states());
    }

    @Test
    void aServerThatIsBusyIsLeftAloneForAWhile() throws Exception {
        server.fail("GET /api/v1/nodes?limit", 2, 503, "upstream connect error");
        server.put(node(2));
        begin();
        awaitWatch(1);
        assertEquals(List.of("CONNECTING", "CONNECTING: 503 for GET /api/v1/nodes", "SYNCING", "LIVE"), feed.states());
    }

    @Test
    void whatAMalformedNodeSaidBeforeStays() throws Exception {
        beginWith(2, 3);
        String broken = node("node2", 2, "198.18.0.2", "not a MAC");
        server.put(broken);
        feed.await("a complaint", now -> now.malformed().size() == 1);
        assertNodes(2, 3);
        requireNonNull(plane).resync();
        feed.await("a picture", now -> now.pictures() == 2);
        assertNodes(2, 3);
        assertEquals(2, feed.malformed().size());
        assertEquals(
                "node \"node2\", annotation flannel.alpha.coreos.com/backend-data: VtepMAC is \"not a MAC\", not an"
                        + " address such as 02:00:00:00:00:01",
                feed.malformed().getLast());
        server.put(node("node2", 2, "198.18.0.2", mac(77)));
        feed.awaitClaim(claimsOfNode("node2", 2, "198.18.0.2", macOf(77)).getLast());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no JSON at all",
                "{\"type\":\"ADDED\"}",
                "{\"type\":\"RENAMED\",\"object\":{}}",
                "[1]",
                "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":500,\"message\":\"etcd is away\"}}"
            })
    void whatIsNoEventEndsInAnotherPicture(String line) throws Exception {
        beginWith(2);
        server.raw(line);
        feed.await("another picture", now -> now.pictures() == 2);
        awaitWatch(2);
        server.put(node(3));
        awaitNode(3);
        assertTrue(feed.states().contains("LIVE"));
        assertNodes(2, 3);
    }

    @Test
    void anObjectThatIsTooLargeIsRefused() throws Exception {
        beginWith(2);
        String huge = "x".repeat(1 << 16);
        StringBuilder annotations = new StringBuilder("\"a\":\"b\"");
        for (int i = 0; i < 70; i++)
            annotations.append(",\"a").append(i).append("\":\"").append(huge).append('"');
        server.raw("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"huge\",\"annotations\":{" + annotations
                + "}}}}");
        feed.await("it is away", now -> now.states().stream().anyMatch(one -> one.startsWith("AWAY")));
        assertTrue(
                feed.states().contains("AWAY: a watch: an object of more than 4194304 bytes"), feed.states()::toString);
        awaitWatch(2);
        assertNodes(2);
    }

    @Test
    void aResyncIsAnotherPicture() throws Exception {
        beginWith(2);
        requireNonNull(plane).resync();
        feed.await("another picture", now -> now.pictures() == 2);
        awaitWatch(2);
        assertNodes(2);
    }

    @Test
    void aClosedPlaneReportsNothing() throws Exception {
        beginWith(2);
        requireNonNull(plane).close();
        int calls = feed.calls();
        server.put(node(3));
        server.bookmark();
        assertEquals(calls, feed.calls());
    }
}
