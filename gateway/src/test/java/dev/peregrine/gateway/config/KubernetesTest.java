package dev.peregrine.gateway.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.controlplane.Claim;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.gateway.Main;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.live.lab.Jvm;
import dev.peregrine.vxlan.Vni;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The manifests of {@code deploy/kubernetes}: what one part of them says of another, and of the gateway, holds. */
class KubernetesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final String CONFIG = "/etc/peregrine/peregrine.yaml";
    private static final Pattern VARIABLE = Pattern.compile("env:(\\w+)");
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final long MIB = 1 << 20;

    /** Of an idle gateway with one port: see docs/operations.md, "Memory and buffers". */
    private static final long IDLE_MIB = 133;

    @TempDir
    private Path folder;

    /** A file of manifests: its documents, the pod that has a gateway in it, and the gateway's container. */
    private record Manifests(List<JsonNode> documents, JsonNode pod, JsonNode gateway) {

        static Manifests of(String name) throws IOException {
            List<JsonNode> documents = KubernetesTest.documents(name);
            JsonNode pod = documents.getLast().at("/spec/template");
            JsonNode gateway = Stream.of("initContainers", "containers")
                    .flatMap(kind -> pod.at("/spec/" + kind).valueStream())
                    .filter(container -> container.path("name").asText().equals("peregrine"))
                    .findFirst()
                    .orElseThrow();
            return new Manifests(documents, pod, gateway);
        }

        /** The ConfigMap that is mounted at {@link #CONFIG}. */
        String config() {
            String map = volume("/etc/peregrine").at("/configMap/name").asText();
            return documents.stream()
                    .filter(document -> document.path("kind").asText().equals("ConfigMap"))
                    .filter(document -> document.at("/metadata/name").asText().equals(map))
                    .map(document -> document.at("/data/peregrine.yaml").asText())
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no ConfigMap " + map));
        }

        JsonNode volume(String path) {
            JsonNode mount = named(gateway.path("volumeMounts"), "mountPath", path);
            return named(pod.at("/spec/volumes"), "name", mount.path("name").asText());
        }

        static JsonNode named(JsonNode list, String key, String value) {
            return list.valueStream()
                    .filter(one -> one.path(key).asText().equals(value))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no " + key + " " + value + " in " + list));
        }

        int port(String name) {
            return named(gateway.path("ports"), "name", name)
                    .path("containerPort")
                    .asInt();
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(strings = {"sidecar.yaml", "daemonset.yaml"})
    void theConfigurationIsRightWithTheVariablesOfThePod(String name) throws IOException {
        Manifests manifests = Manifests.of(name);
        assertEquals(
                List.of("run", "--config", CONFIG),
                texts(manifests.gateway().path("args")).subList(0, 3));
        List<String> words = new ArrayList<>(List.of("env"));
        for (MatchResult variable :
                VARIABLE.matcher(manifests.config()).results().toList()) {
            Manifests.named(manifests.gateway().path("env"), "name", variable.group(1));
            words.add(variable.group(1) + "=192.0.2.1");
        }
        assertTrue(words.size() > 1, "the address differs from pod to pod");
        Path file = Files.writeString(folder.resolve(name), manifests.config());
        words.addAll(Jvm.words(Main.class, "check", "--config", file.toString(), "--effective"));
        String effective = Command.output(words);
        assertTrue(effective.contains("local: 192.0.2.1"), effective);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sidecar.yaml", "daemonset.yaml"})
    void portsProbesAndAnnotationsAreThoseOfTheConfiguration(String name) throws Exception {
        Manifests manifests = Manifests.of(name);
        GatewayConfig config = parsed(manifests);
        assertEquals(config.underlay().port(), manifests.port("vxlan"));
        int http = config.control().http().address().orElseThrow().getPort();
        assertEquals(http, manifests.port("metrics"));
        // Probes and Prometheus ask at the pod's address.
        assertTrue(config.control().http().address().orElseThrow().getAddress().isAnyLocalAddress());
        JsonNode annotations = manifests.pod().at("/metadata/annotations");
        assertEquals(
                String.valueOf(http), annotations.path("prometheus.io/port").asText());
        assertEquals("/metrics", annotations.path("prometheus.io/path").asText());
        Map<String, String> probes = new LinkedHashMap<>();
        manifests.gateway().properties().forEach(field -> {
            if (!field.getKey().endsWith("Probe")) return;
            assertEquals("metrics", field.getValue().at("/httpGet/port").asText(), field.getKey());
            probes.put(field.getKey(), field.getValue().at("/httpGet/path").asText());
        });
        assertEquals("/healthz", probes.get("livenessProbe"));
        assertEquals("/readyz", probes.get("readinessProbe"));
        assertTrue(probes.containsKey("startupProbe"), probes::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sidecar.yaml", "daemonset.yaml"})
    void theMemoryIsWhatTheConfigurationTakes(String name) throws Exception {
        Manifests manifests = Manifests.of(name);
        GatewayConfig config = parsed(manifests);
        int workers = config.workers().count().orElseThrow();
        String arguments = Files.readString(ROOT.resolve("scripts/gateway.args"));
        Matcher heap = Pattern.compile("(?m)^-Xmx(\\d+)m$").matcher(arguments);
        assertTrue(heap.find(), arguments);
        long most = Long.parseLong(heap.group(1)) * MIB + new Budget(config, workers).offHeap();
        long limit = mebibytes(manifests.gateway().at("/resources/limits/memory")) * MIB;
        assertTrue(limit >= most, () -> "a limit of " + limit + " for " + most);
        assertTrue(mebibytes(manifests.gateway().at("/resources/requests/memory")) >= IDLE_MIB);
        assertFalse(manifests.gateway().at("/resources/limits").has("cpu"), "a quota stops workers");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sidecar.yaml", "daemonset.yaml"})
    void theImageRunsAsItIsMadeTo(String name) throws IOException {
        Manifests manifests = Manifests.of(name);
        JsonNode rights = manifests.gateway().path("securityContext");
        String script = Files.readString(ROOT.resolve("scripts/lib/package-oci.sh"));
        assertTrue(script.contains("OCI_USER=" + rights.path("runAsUser").asText() + "\n"), "the image's user");
        assertTrue(rights.path("readOnlyRootFilesystem").asBoolean());
        // File capabilities have no effect otherwise.
        assertTrue(rights.path("allowPrivilegeEscalation").asBoolean());
        List<String> added = texts(rights.at("/capabilities/add"));
        assertTrue(added.contains("NET_ADMIN"), added::toString);
        String entrypoint = Files.readString(ROOT.resolve("deploy/container/entrypoint"));
        for (String one : added) assertTrue(entrypoint.contains(":" + one.toLowerCase(Locale.ROOT)), one);
        assertEquals(
                "Memory",
                manifests.volume("/run/peregrine").at("/emptyDir/medium").asText());
        assertEquals(
                "/dev/net/tun",
                manifests.volume("/dev/net/tun").at("/hostPath/path").asText());
        for (JsonNode mount : manifests.gateway().path("volumeMounts")) {
            manifests.volume(mount.path("mountPath").asText());
        }
    }

    private static List<JsonNode> documents(String name) throws IOException {
        List<JsonNode> documents = new ArrayList<>();
        String text = Files.readString(ROOT.resolve("deploy/kubernetes").resolve(name));
        for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(text)) {
            documents.add(MAPPER.valueToTree(document));
        }
        return documents;
    }

    @Test
    void theDefinitionHasTheFieldsAndLimitsOfStations() throws IOException {
        JsonNode definition = documents("crd.yaml").getFirst();
        assertEquals("stations.peregrine.dev", definition.at("/metadata/name").asText());
        assertEquals("Cluster", definition.at("/spec/scope").asText());
        JsonNode spec = definition.at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
        Set<String> fields = new TreeSet<>();
        spec.path("properties").fieldNames().forEachRemaining(fields::add);
        assertEquals(Set.of("vni", "vtep", "mac", "addresses", "sequence", "sticky", "flood", "node"), fields);
        assertEquals(
                Claim.Station.MAX_ADDRESSES,
                spec.at("/properties/addresses/maxItems").asInt());
        assertEquals(Vni.MAX, spec.at("/properties/vni/maximum").asInt());
    }

    @ParameterizedTest
    @CsvSource({
        "rbac-crd.yaml,'stations: list watch create patch delete; nodes: get'",
        "rbac-flannel.yaml,'nodes: list watch; nodes/status: patch'"
    })
    void rolesHaveTheVerbsThatThePlaneUsesAndNoOthers(String name, String rights) throws IOException {
        List<JsonNode> documents = documents(name);
        JsonNode role = documents.get(1);
        String found = role.path("rules")
                .valueStream()
                .map(rule -> String.join(" ", texts(rule.path("resources"))) + ": "
                        + String.join(" ", texts(rule.path("verbs"))))
                .collect(Collectors.joining("; "));
        assertEquals(rights, found);
        assertEquals(role.at("/metadata/name"), documents.get(2).at("/roleRef/name"));
        assertEquals(documents.get(0).at("/metadata/name"), documents.get(2).at("/subjects/0/name"));
    }

    private static GatewayConfig parsed(Manifests manifests) throws Exception {
        String text = VARIABLE.matcher(manifests.config()).replaceAll("192.0.2.1");
        return ConfigFile.parse("peregrine.yaml", text).config();
    }

    private static List<String> texts(JsonNode list) {
        return list.valueStream().map(JsonNode::asText).toList();
    }

    private static long mebibytes(JsonNode quantity) {
        assertTrue(quantity.asText().endsWith("Mi"), quantity::toString);
        return Long.parseLong(quantity.asText().replace("Mi", ""));
    }
}
