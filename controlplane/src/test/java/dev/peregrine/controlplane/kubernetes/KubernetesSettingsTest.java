package dev.peregrine.controlplane.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.controlplane.kubernetes.KubernetesSettings.Mode;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubernetesSettingsTest {
    private static KubernetesSettings of(Optional<URI> server, Map<String, String> environment) {
        return KubernetesSettings.of(
                "k8s",
                Mode.CRD,
                server,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Samples.ip("198.18.1.2"),
                KubernetesSettings.WATCH_PERIOD,
                environment,
                "host");
    }

    @ParameterizedTest
    @CsvSource({"10.96.0.1,https://10.96.0.1:6443", "fd96::1,https://[fd96::1]:6443"})
    void aPodUsesItsServiceAccount(String host, URI server) {
        KubernetesSettings settings = of(
                Optional.empty(),
                Map.of("KUBERNETES_SERVICE_HOST", host, "KUBERNETES_SERVICE_PORT", "6443", "NODE_NAME", "node1"));
        assertEquals(server, settings.server());
        assertEquals("node1", settings.node());
        assertEquals(Optional.of(Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token")), settings.tokenFile());
        assertEquals(Optional.of(Path.of("/var/run/secrets/kubernetes.io/serviceaccount/ca.crt")), settings.ca());
    }

    @Test
    void aServerThatIsNamedIsNotShownTheServiceAccountsToken() {
        KubernetesSettings settings = of(Optional.of(URI.create("https://10.0.0.1:6443")), Map.of());
        assertEquals(Optional.empty(), settings.tokenFile());
        assertEquals(Optional.empty(), settings.ca());
        assertEquals("host", settings.node());
    }
}
