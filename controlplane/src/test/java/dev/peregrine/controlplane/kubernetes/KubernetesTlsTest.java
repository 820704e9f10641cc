package dev.peregrine.controlplane.kubernetes;

import static dev.peregrine.controlplane.kubernetes.Samples.NODES;
import static dev.peregrine.controlplane.kubernetes.Samples.node;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.kubernetes.KubernetesSettings.Mode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plane speaks TLS with the server that its certificates are of, and with no other. */
@Tag("slow")
class KubernetesTlsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final Recorder feed = new Recorder();

    @TempDir
    private Path folder;

    @Test
    void theServersCertificateIsChecked() throws Exception {
        keytool("right", "ip:127.0.0.1");
        keytool("wrong", "ip:127.0.0.1");
        try (ApiServer server = server("right");
                KubernetesPlane plane = plane(server)) {
            server.put(node(2));
            Path ca = folder.resolve("ca.pem");
            Files.copy(folder.resolve("wrong.pem"), ca);
            plane.start(feed);
            feed.await("a reason", now -> now.lastState().contains("PKIX path"));
            assertEquals(List.of(), server.requests(""), "nobody got the token");
            // The kubelet replaces certificates, too.
            Files.copy(folder.resolve("right.pem"), ca, StandardCopyOption.REPLACE_EXISTING);
            feed.awaitState(PlaneState.LIVE);
            assertEquals(3, feed.claims().size());
        }
    }

    @Test
    void aCertificateOfAnotherNameIsNone() throws Exception {
        keytool("other", "ip:127.0.0.2");
        try (ApiServer server = server("other");
                KubernetesPlane plane = plane(server)) {
            Files.copy(folder.resolve("other.pem"), folder.resolve("ca.pem"));
            plane.start(feed);
            feed.await("a reason", now -> now.lastState().contains("subject alternative"));
            assertEquals(List.of(), server.requests(""));
        }
    }

    @Test
    void missingCertificatesAreNamed() throws Exception {
        keytool("right", "ip:127.0.0.1");
        try (ApiServer server = server("right");
                KubernetesPlane plane = plane(server)) {
            plane.start(feed);
            feed.await("a reason", now -> now.lastState().contains("ca.pem: there is no such file"));
            assertTrue(feed.lastState().startsWith("CONNECTING: certificates: "), feed.lastState());
        }
    }

    private KubernetesPlane plane(ApiServer server) throws IOException {
        return new KubernetesPlane(new KubernetesSettings(
                "k8s",
                Mode.FLANNEL,
                server.uri(),
                Optional.of(Files.writeString(folder.resolve("token"), "good")),
                Optional.of(folder.resolve("ca.pem")),
                "node1",
                Samples.ip("198.18.0.1"),
                Duration.ofSeconds(60)));
    }

    private ApiServer server(String name) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(folder.resolve(name + ".p12"))) {
            store.load(file, PASSWORD);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        HttpsServer https = HttpsServer.create();
        https.setHttpsConfigurator(new HttpsConfigurator(context));
        return new ApiServer(NODES, https);
    }

    /** A key in {@code NAME.p12}, and its certificate, signed by itself, in {@code NAME.pem}. */
    private void keytool(String name, String subject) throws IOException, InterruptedException {
        run("-genkeypair", name, "-keyalg", "EC", "-dname", "CN=" + name, "-ext", "san=" + subject);
        run("-exportcert", name, "-rfc", "-file", folder.resolve(name + ".pem").toString());
    }

    private void run(String command, String name, String... more) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                command,
                "-alias",
                name,
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                folder.resolve(name + ".p12").toString()));
        words.addAll(List.of(more));
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
    }
}
