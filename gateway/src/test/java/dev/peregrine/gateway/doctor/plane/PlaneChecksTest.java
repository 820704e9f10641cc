package dev.peregrine.gateway.doctor.plane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Result;
import dev.peregrine.gateway.doctor.check.RunningGateway;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.placement.SystemFiles;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults of control planes that are planted, one at a time: each is named with its cure. */
class PlaneChecksTest {
    @TempDir
    private Path folder;

    private Path claims;

    @BeforeEach
    void makeFolders() throws Exception {
        claims = Files.createDirectory(folder.resolve("claims.d"));
        Files.createDirectory(folder.resolve("cache"));
    }

    private Subject subject(String plane, @Nullable String planes) throws Exception {
        String yaml = """
                underlay: {local: 127.0.0.1}
                control: {cache: %s/cache, planes: [%s]}
                vnis: [{vni: 42, control: [p]}]
                """.formatted(folder, plane);
        ConfigFile file = ConfigFile.load(Files.writeString(folder.resolve("gateway.yaml"), yaml));
        return new Subject(new SystemFiles(Path.of("/")), folder.resolve("none.sock"), file, running(planes));
    }

    private static @Nullable RunningGateway running(@Nullable String planes) throws Exception {
        if (planes == null) return null;
        JsonNode status = new ObjectMapper().readTree("{\"planes\": [" + planes + "]}");
        JsonNode none = JsonNodeFactory.instance.arrayNode();
        return new RunningGateway(OptionalLong.empty(), status, none, none, none, none);
    }

    private static void says(Check check, Subject subject, Result result, String found, String remedy)
            throws Exception {
        Finding finding = check.look(subject);
        assertEquals(result, finding.result(), finding::toString);
        assertTrue(finding.found().contains(found), finding::toString);
        assertTrue(finding.remedy().contains(remedy), finding::toString);
    }

    private void access(String plane, Result result, String found, String remedy) throws Exception {
        says(new AccessCheck(), subject(plane, null), result, found, remedy);
    }

    private String directory(String path) {
        return "{name: p, type: file, path: " + path + ", announce: " + path + "/own.json}";
    }

    @Test
    void aFolderOfClaims() throws Exception {
        access(directory(claims.toString()), Result.OK, "claims.d has 0 claims", "");
        Files.writeString(claims.resolve("h2.json"), "{\"v\": 1, \"vteps\": [{\"vtep\": \"host\"}]}");
        access(directory(claims.toString()), Result.WARN, "h2.json:1: 'host' is no IP address", "mend it");
        access(
                directory(folder + "/gone"),
                Result.FAIL,
                "cannot read " + folder + "/gone",
                "mkdir -p " + folder + "/gone");
    }

    @Test
    void aRegistryThatIsNotThere() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        access(
                "{name: p, type: etcd, endpoints: [\"http://127.0.0.1:" + port + "\"]}",
                Result.FAIL,
                "p: http://127.0.0.1:" + port + " cannot be reached",
                "curl http://127.0.0.1:" + port + "/version");
    }

    @Test
    void filesForTlsThatAreMissing() throws Exception {
        String files = "tls: {ca: %1$s/ca.pem, cert: %1$s/gw.pem, key: %1$s/gw.key}".formatted(folder);
        access(
                "{name: p, type: etcd, endpoints: [\"https://127.0.0.1:1\"], " + files + "}",
                Result.FAIL,
                "gw.pem: there is no such file",
                "control.planes[].tls");
    }

    @Test
    void anFrrThatDoesNotRun() throws Exception {
        access(
                "{name: p, type: evpn, vtyFolder: " + folder + "}",
                Result.FAIL,
                "bgpd.vty is not there",
                "/etc/frr/daemons");
    }

    @Test
    void aTokenThatIsMissing() throws Exception {
        access(
                "{name: p, type: kubernetes, mode: crd, server: \"http://127.0.0.1:1\", tokenFile: " + folder
                        + "/token}",
                Result.FAIL,
                "token: there is no such file",
                "serviceAccountName");
    }

    @Test
    void anApiServerThatIsNotThere() throws Exception {
        access(
                "{name: p, type: kubernetes, mode: crd, server: \"http://127.0.0.1:1\"}",
                Result.FAIL,
                "http://127.0.0.1:1",
                "curl -k http://127.0.0.1:1/version");
    }

    @Test
    void aRunningGatewaySaysHowItsPlanesAre() throws Exception {
        PlanesCheck check = new PlanesCheck();
        String live =
                "{\"plane\":\"p\",\"state\":\"live\",\"sinceSeconds\":3,\"claims\":2,\"announced\":1,\"lastError\":null}";
        String plane = directory(claims.toString());
        says(check, subject(plane, live), Result.OK, "p: live for 3 s, 2 claims, 1 announced", "");
        String away = live.replace("live", "away").replace("null", "\"no route\"");
        says(check, subject(plane, away), Result.WARN, "away for 3 s, 2 claims, 1 announced: no route", "control list");
        says(
                check,
                subject(plane, live + "," + live.replace("live", "refused")),
                Result.FAIL,
                "refused",
                "control list");
        Files.delete(folder.resolve("cache"));
        says(check, subject(plane, live), Result.WARN, "no last picture is kept", "mkdir -p " + folder + "/cache");
    }

    @Test
    void withoutPlanesNothingIsLookedAt() throws Exception {
        String yaml = "underlay: {local: 127.0.0.1}\nvnis: [{vni: 42}]\n";
        ConfigFile file = ConfigFile.load(Files.writeString(folder.resolve("plain.yaml"), yaml));
        Subject plain = new Subject(new SystemFiles(Path.of("/")), folder.resolve("none.sock"), file, null);
        for (Check check : new Check[] {new PlanesCheck(), new AccessCheck(), new ShadowPortCheck()}) {
            says(check, plain, Result.SKIP, "there", "");
        }
    }
}
