package dev.peregrine.gateway.live.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.linux.namespace.KernelCounters;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.socket.DeviceFeatures;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The kernel's VXLAN device that has the tunnel's port, with the kernel's VXLAN device as the other end of the tunnel.
 */
@LiveTest
class HelperDeviceTest {
    private static final Duration LIMIT = Duration.ofSeconds(15);
    private static final String DEVICE = "pgvx4789";
    private static final String FEATURE = "rx-udp-gro-forwarding";
    private static final long BYTES = 1 << 26;

    /** Frames that are not of the stream: for neighbours. */
    private static final long OTHERS = 32;

    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    private static String config(Lab lab) {
        return lab.gatewayConfigB()
                        .replace("type: tap", "type: veth")
                        .replace("underlay: {", "underlay: {checksum: false, ")
                + "fastpath: {kernel: on}\n";
    }

    private static JsonNode tier(GatewayProcess gateway) {
        return gateway.json("status").path("kernelTier");
    }

    private static void awaitTier(GatewayProcess gateway) {
        Await.until(
                LIMIT,
                "the tier is on",
                () -> tier(gateway).path("enabled").asBoolean(),
                () -> tier(gateway) + "\n" + gateway);
    }

    private static Optional<Link> device(Lab lab) throws LinuxException {
        return lab.hB().inside(() -> {
            try (Netlink netlink = Netlink.open()) {
                return netlink.link(DEVICE);
            }
        });
    }

    private static boolean mergesUdp(Lab lab) throws LinuxException {
        String underlay = lab.b().device();
        return lab.hB().inside(() -> DeviceFeatures.active(underlay).contains(FEATURE));
    }

    private static long segments(Namespace container) throws LinuxException {
        return container.inside(() -> KernelCounters.read().value("TcpOutSegs"));
    }

    @Test
    void superframesOfTcpPassByItAndEachSegmentIsCounted() throws Exception {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            try (var gateway = GatewayProcess.start(lab.hB(), config(lab))) {
                awaitTier(gateway);
                assertEquals(DEVICE, tier(gateway).path("helper").asText(), gateway::toString);
                assertTrue(mergesUdp(lab));
                long before = gateway.status().path("rxPackets").asLong();
                long toTunnel = gateway.status().path("txPackets").asLong();
                long sent = segments(lab.cA());
                long answered = segments(lab.cB());
                Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, BYTES, 1);
                assertCounted(gateway, "rxPackets", before, segments(lab.cA()) - sent);
                assertCounted(gateway, "txPackets", toTunnel, segments(lab.cB()) - answered);
                assertTrue(
                        device(lab).orElseThrow().statistics().rxPackets() > 100, () -> tier(gateway) + "\n" + gateway);
                assertTrue(
                        tier(gateway).path("packets").asLong() > BYTES / 1500 / 2,
                        () -> tier(gateway) + "\n" + gateway);
            }
            assertTrue(device(lab).isEmpty());
            assertFalse(mergesUdp(lab));
        }
    }

    private static void assertCounted(GatewayProcess gateway, String counter, long before, long segments) {
        Await.until(
                LIMIT,
                segments + " segments are counted in " + counter,
                () -> {
                    long counted = gateway.status().path(counter).asLong() - before;
                    return counted >= segments && counted <= segments + OTHERS;
                },
                () -> gateway.status().path(counter).asLong() - before + " " + tier(gateway) + gateway.drops());
    }

    @Test
    void whatAGatewayLeavesBehindThatIsKilledIsRemoved() throws Exception {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            try (var gateway = GatewayProcess.start(lab.hB(), config(lab))) {
                awaitTier(gateway);
                gateway.kill();
                assertTrue(device(lab).isPresent());
                assertTrue(mergesUdp(lab));
                gateway.write(config(lab).replace("kernel: on", "kernel: off"));
                try (var again = gateway.startAgain()) {
                    assertTrue(device(lab).isEmpty());
                    assertFalse(mergesUdp(lab));
                    Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, 1 << 20, 1);
                    assertTrue(again.isAlive());
                }
            }
        }
    }

    @Test
    void whereAnotherVxlanDeviceHasThePortTheGatewaySaysSo() throws Exception {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            lab.hB().ip("link add other type vxlan id 9 dstport 4790");
            lab.hB().ip("link set other up");
            String config = config(lab).replace("underlay: {", "underlay: {port: 4790, ");
            GatewayProcess gateway = GatewayProcess.launch(lab.hB(), config);
            assertTrue(gateway.awaitExit() != 0, "nobody can have the port");
            assertTrue(String.join("\n", gateway.log()).contains("other"), gateway::toString);
            assertTrue(device(lab).isEmpty());
        }
    }
}
