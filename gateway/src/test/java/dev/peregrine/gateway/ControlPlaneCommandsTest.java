package dev.peregrine.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.controlplane.resolve.report.Refusal;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.control.report.ClaimRow;
import dev.peregrine.gateway.control.report.PlaneRow;
import dev.peregrine.gateway.noun.ControlCommands;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway whose registry does not answer: commands and metrics say so. */
class ControlPlaneCommandsTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    private Path folder;

    private LoopbackGateway gateway;

    @BeforeEach
    void start() throws Exception {
        int etcd = freePort();
        String yaml = """
                underlay: {local: %s, port: 4789}
                workers: {count: 1, idle: block}
                control:
                  planes: [{name: reg, type: etcd, endpoints: ["http://127.0.0.1:%d"]}]
                vnis:
                  - vni: 42
                    control: [reg]
                    ports:
                      - {name: web, type: socket, listen: "198.19.0.9:9000", mac: "%s", deliver: "unix:%s/app.sock"}
                """.formatted(LoopbackGateway.address(), etcd, LoopbackGateway.OF_PORT, folder);
        gateway = LoopbackGateway.start(ConfigFile.load(Files.writeString(folder.resolve("gateway.yaml"), yaml)));
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private List<ClaimRow> announced() {
        return gateway.list(ControlCommands.class, "control announced", ClaimRow.class);
    }

    private void awaitAnnounced(int claims) {
        Await.until(LIMIT, claims + " claims", () -> announced().size() == claims, () -> announced());
    }

    @Test
    void aRegistryThatDoesNotAnswerIsConnecting() {
        PlaneRow row = gateway.list(ControlCommands.class, "control list", PlaneRow.class)
                .getFirst();
        assertEquals("connecting", row.state());
        assertEquals("etcd", row.type());
    }

    @Test
    void whatIsPublishedIsWithdrawnAndPublishedAgain() {
        awaitAnnounced(2);
        gateway.ask(ControlCommands.class, "control withdraw");
        awaitAnnounced(0);
        gateway.ask(ControlCommands.class, "control publish");
        awaitAnnounced(2);
    }

    @Test
    void metricsHaveEachPlane() {
        GaugeDataPointSnapshot up =
                ((GaugeSnapshot) metric("peregrine_control_up")).getDataPoints().getFirst();
        assertEquals("reg", up.getLabels().get("plane"));
        assertEquals(0, up.getValue());
        assertEquals(
                Refusal.values().length,
                metric("peregrine_control_refused").getDataPoints().size());
        assertEquals(1, metric("peregrine_control_moves").getDataPoints().size());
    }

    private MetricSnapshot metric(String name) {
        return gateway.metrics().stream()
                .filter(metric -> metric.getMetadata().getPrometheusName().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
