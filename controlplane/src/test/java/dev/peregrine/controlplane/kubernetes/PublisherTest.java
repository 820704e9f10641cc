package dev.peregrine.controlplane.kubernetes;

import static dev.peregrine.controlplane.kubernetes.Samples.NODES;
import static dev.peregrine.controlplane.kubernetes.Samples.STATIONS;
import static dev.peregrine.controlplane.kubernetes.Samples.ip;
import static dev.peregrine.controlplane.kubernetes.Samples.node;
import static dev.peregrine.controlplane.kubernetes.Samples.plainNode;
import static dev.peregrine.controlplane.kubernetes.Samples.station;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.kubernetes.KubernetesSettings.Mode;
import dev.peregrine.vxlan.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plane keeps its own objects at {@link ApiServer}, which is no real API server, as the gateway wants them. */
class PublisherTest {
    private static final IpAddress OWN = ip("198.18.1.2");
    private static final String MEMBER = "198-18-1-2.42";
    private static final String STATION = "198-18-1-2.42.020000000007";

    private Recorder feed = new Recorder();
    private String node = "node1";

    @TempDir
    private Path folder;

    private ApiServer server;
    private @Nullable KubernetesPlane plane;

    PublisherTest() throws IOException {
        server = new ApiServer(STATIONS);
    }

    /** Objects of another collection. */
    private void serve(String collection) throws IOException {
        server.close();
        server = new ApiServer(collection);
    }

    private void begin(Mode mode) throws IOException {
        KubernetesPlane begun = new KubernetesPlane(new KubernetesSettings(
                "k8s",
                mode,
                server.uri(),
                Optional.of(Files.writeString(folder.resolve("token"), "good")),
                Optional.empty(),
                node,
                OWN,
                Duration.ofSeconds(60)));
        plane = begun;
        begun.start(feed);
    }

    private void announce(LocalState wanted) {
        requireNonNull(plane).announce(wanted);
    }

    @AfterEach
    void end() {
        if (plane != null) plane.close();
        server.close();
    }

    private static LocalState local(String instance, Claim.Station... stations) {
        return new LocalState(
                OWN, "node1", instance, true, List.of(new Claim.Member(42, OWN, true)), List.of(stations));
    }

    private static Claim.Station own(int sequence) {
        return station(42, 7, OWN.toString(), sequence, "198.19.0.7", "fd19::7");
    }

    private void awaitSpec(String name, String spec) throws InterruptedException {
        server.await(name, () -> server.get(name).path("spec").toString().equals(spec));
    }

    private void awaitGone(String name) throws InterruptedException {
        server.await(name + " has gone", () -> server.get(name).isMissingNode());
    }

    private static String spec(int sequence) {
        return "{\"vtep\":\"198.18.1.2\",\"node\":\"node1\",\"vni\":42,\"mac\":\"02:00:00:00:00:07\",\"sequence\":"
                + sequence + ",\"sticky\":false,\"addresses\":[\"198.19.0.7\",\"fd19::7\"]}";
    }

    @Test
    void whatIsWantedIsMadeChangedAndRemoved() throws Exception {
        server.other("/api/v1/nodes/node1", node(1));
        begin(Mode.CRD);
        announce(local("i1", own(3)));
        awaitSpec(MEMBER, "{\"vtep\":\"198.18.1.2\",\"node\":\"node1\",\"vni\":42,\"flood\":true}");
        awaitSpec(STATION, spec(3));
        JsonNode metadata = server.get(STATION).path("metadata");
        assertEquals(
                "{\"peregrine.dev/vtep\":\"198-18-1-2\",\"peregrine.dev/instance\":\"i1\"}",
                metadata.path("labels").toString());
        assertEquals(
                "[{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"name\":\"node1\",\"uid\":\"uid-1\"}]",
                metadata.path("ownerReferences").toString());
        feed.await("a VTEP, a member and a station", now -> now.announced() == 3);
        announce(local("i1", own(4)));
        awaitSpec(STATION, spec(4));
        announce(local("i1"));
        awaitGone(STATION);
        announce(LocalState.nothing(OWN, "node1", "i1"));
        awaitGone(MEMBER);
        feed.await("nothing", now -> now.announced() == 0);
        assertEquals(List.of("CONNECTING", "SYNCING", "LIVE"), feed.states());
        assertTrue(feed.claims().isEmpty(), "own objects are no claims");
        assertEquals(
                1,
                server.requests("PATCH").size(),
                () -> server.requests("PATCH").toString());
    }

    @Test
    void whatOthersDidToOwnObjectsIsMended() throws Exception {
        begin(Mode.CRD);
        announce(local("i1", own(3)));
        awaitSpec(STATION, spec(3));
        server.delete(STATION);
        server.await("made again", () -> server.requests("POST").size() == 3);
        awaitSpec(STATION, spec(3));
        server.put(server.get(STATION).toString().replace("\"sequence\":3", "\"sequence\":1"));
        awaitSpec(STATION, spec(3));
    }

    @Test
    void leftoversServeUntilTheGatewayIsReady() throws Exception {
        begin(Mode.CRD);
        announce(local("i1", own(3)));
        awaitSpec(STATION, spec(3));
        feed.await("both", now -> now.announced() == 3);
        requireNonNull(plane).close();
        feed = new Recorder();
        begin(Mode.CRD);
        server.await("a watch", () -> server.watches() == 2);
        feed.awaitState(PlaneState.LIVE);
        server.put(station("other", "\"vni\":42,\"vtep\":\"198.18.1.3\""));
        feed.awaitClaim(new Claim.Member(42, ip("198.18.1.3"), true));
        assertEquals(List.of(), server.requests("DELETE"));
        announce(local("i2"));
        awaitGone(STATION);
        server.await(
                "the new instance",
                () -> server.get(MEMBER)
                        .at("/metadata/labels/peregrine.dev~1instance")
                        .asText()
                        .equals("i2"));
    }

    @Test
    void anObjectOfTheNameIsTakenOver() throws Exception {
        server.put(station(MEMBER, "\"vni\":1,\"vtep\":\"198.18.1.9\""));
        begin(Mode.CRD);
        announce(local("i1"));
        server.await("its spec", () -> server.get(MEMBER).at("/spec/vni").asInt() == 42);
        feed.await("its claim is gone", now -> now.claims().isEmpty());
    }

    @Test
    void oneThatIsRefusedDoesNotHinderTheOthers() throws Exception {
        server.fail("POST", 1, 422, ApiServer.statusBody(422, "spec.vni is invalid"));
        begin(Mode.CRD);
        announce(local("i1", own(3)));
        feed.await(
                "the reason",
                now -> now.states()
                        .contains("LIVE: not published: 422 for POST " + STATIONS + ": spec.vni is invalid"));
        awaitSpec(STATION, spec(3));
        server.await("tried again", () -> !server.get(MEMBER).isMissingNode());
        feed.await("no reason any more", now -> now.lastState().equals("LIVE"));
    }

    @Test
    void missingRightsToPublishAreNamed() throws Exception {
        server.fail("POST", 2, 403, ApiServer.statusBody(403, "cannot create"));
        begin(Mode.CRD);
        announce(local("i1"));
        feed.await(
                "the reason",
                now -> now.states().contains("LIVE: not published: 403 for POST " + STATIONS + ": cannot create"));
        server.await("tried again", () -> !server.get(MEMBER).isMissingNode());
        feed.await("no reason any more", now -> now.lastState().equals("LIVE"));
        assertEquals(3, server.requests("POST").size());
    }

    @Test
    void withoutTheDefinitionThePlaneSaysWhatIsMissing() throws Exception {
        serve("/somewhere/else");
        begin(Mode.CRD);
        feed.awaitState(PlaneState.REFUSED);
        assertEquals(
                "REFUSED: there are no stations.peregrine.dev, which deploy/kubernetes/crd.yaml defines",
                feed.lastState());
    }

    private static LocalState localOfNode(Claim.Station... stations) {
        return new LocalState(OWN, "host", "i1", true, List.of(new Claim.Member(1, OWN, true)), List.of(stations));
    }

    private void awaitAnnotation(String key, String value) throws InterruptedException {
        String pointer = "/metadata/annotations/flannel.alpha.coreos.com~1" + key;
        server.await(
                key + " is " + value,
                () -> server.get("node1").at(pointer).asText("nothing").equals(value));
    }

    @Test
    void aNodeIsAnnotatedAsFlannelWould() throws Exception {
        serve(NODES);
        server.put(plainNode("node1", "10.244.1.0/24"));
        begin(Mode.FLANNEL);
        announce(localOfNode(station(1, 9, OWN.toString(), 0, "10.244.1.0")));
        awaitAnnotation("backend-data", "{\"VNI\":1,\"VtepMAC\":\"02:00:00:00:00:09\"}");
        awaitAnnotation("backend-type", "vxlan");
        awaitAnnotation("public-ip", "198.18.1.2");
        awaitAnnotation("kube-subnet-manager", "true");
        assertEquals("b", server.get("node1").at("/metadata/annotations/a").asText());
        feed.await("three claims", now -> now.announced() == 3);
        assertEquals(
                List.of("PATCH /api/v1/nodes/node1/status"),
                server.requests("PATCH").stream()
                        .map(one -> one.replaceAll(" \\{.*", ""))
                        .toList());
        announce(LocalState.nothing(OWN, "host", "i1"));
        awaitAnnotation("backend-data", "nothing");
        assertEquals(
                "{\"a\":\"b\"}", server.get("node1").at("/metadata/annotations").toString());
    }

    @Test
    void annotationsOfFlannelAreLeftAlone() throws Exception {
        serve(NODES);
        server.put(node(1));
        begin(Mode.FLANNEL);
        announce(localOfNode(station(1, 9, OWN.toString(), 0, "198.19.0.9")));
        feed.await(
                "the reason",
                now -> now.lastState()
                        .equals("LIVE: no port has the address 10.244.1.0, the first of the node's pod subnet"));
        announce(LocalState.nothing(OWN, "host", "i1"));
        feed.await("no reason any more", now -> now.lastState().equals("LIVE"));
        feed.await("two answers", now -> now.answers() == 2);
        assertEquals(0, feed.announced(), "what flannel says is nothing of this gateway");
        assertEquals(List.of(), server.requests("PATCH"));
        assertFalse(server.get("node1").isMissingNode());
    }

    @Test
    void anAddressOutsideIsKept() throws Exception {
        serve(NODES);
        server.put(plainNode("node1", "10.244.1.0/24")
                .replace("\"a\":\"b\"", "\"flannel.alpha.coreos.com/public-ip-overwrite\":\"192.0.2.7\""));
        begin(Mode.FLANNEL);
        announce(localOfNode(station(1, 9, OWN.toString(), 0, "10.244.1.0")));
        awaitAnnotation("public-ip", "192.0.2.7");
    }

    @Test
    void aNodeThatIsNotThereIsNamed() throws Exception {
        serve(NODES);
        begin(Mode.FLANNEL);
        announce(localOfNode());
        feed.await("the reason", now -> now.lastState().equals("LIVE: there is no node \"node1\""));
    }

    /** The node's name is what the host says. */
    @Test
    void aNameThatIsNoPathIsNotOne() throws Exception {
        node = "a b/../../x?y";
        begin(Mode.CRD);
        announce(local("i1"));
        server.await("made", () -> !server.get(MEMBER).isMissingNode());
        assertEquals(List.of("GET /api/v1/nodes/a%20b%2F..%2F..%2Fx%3Fy"), server.requests("GET /api/v1/nodes"));
    }

    @Test
    void thatNothingIsPublishedIsAnsweredEachTime() throws Exception {
        begin(Mode.CRD);
        announce(LocalState.nothing(OWN, "node1", "i1"));
        feed.await("an answer", now -> now.answers() == 1);
        announce(LocalState.nothing(OWN, "node1", "i1"));
        feed.await("another answer", now -> now.answers() == 2);
        assertEquals(0, feed.announced());
    }

    /** The gateway wanted to publish while the server was away, and has ended meanwhile. */
    @Test
    void whatIsWithdrawnBeforeTheServerCouldBeReachedIsRemovedThere() throws Exception {
        server.put(station(MEMBER, "\"vni\":42,\"vtep\":\"198.18.1.2\"")
                .replace("\"metadata\":{", "\"metadata\":{\"labels\":{\"peregrine.dev/vtep\":\"198-18-1-2\"},"));
        begin(Mode.CRD);
        announce(local("i2"));
        announce(LocalState.nothing(OWN, "node1", "i2"));
        awaitGone(MEMBER);
        feed.await("an answer", now -> now.answers() > 0 && now.announced() == 0);
    }
}
