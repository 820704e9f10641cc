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
import dev.peregrine.dataplane.linux.sys.ThreadEnd;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The kernel's VXLAN device that has the tunnel's port, with the kernel's VXLAN device as the other end of the tunnel.
 */
@LiveTest
class HelperDeviceTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String DEVICE = "pgvx4789";
    private static final String FEATURE = "rx-udp-gro-forwarding";
    private static final long BYTES = 1 << 26;

    /** Frames that are not of the stream: for neighbours. */
    private static final long OTHERS = 32;

    private static final int FLOWS = 8;
    private static final int MANY = 20_000;
    private static final int MANY_BY_DEVICE = 500;

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
        return mergesUdp(lab, lab.b().device());
    }

    private static boolean mergesUdp(Lab lab, String device) throws LinuxException {
        return lab.hB().inside(() -> DeviceFeatures.active(device).contains(FEATURE));
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

    /** Sends of ten datagrams each, which cross the underlay whole, until many have taken the device. */
    @Test
    void superframesOfUdpPassByItAndEachDatagramIsCounted() throws Exception {
        try (Lab lab = Lab.create(Underlay.IPV4_OFFLOAD)) {
            lab.kernelVtepA();
            try (var gateway = GatewayProcess.start(lab.hB(), config(lab));
                    UdpSends sends = UdpSends.open(lab)) {
                awaitTier(gateway);
                long before = gateway.status().path("rxPackets").asLong();
                Await.until(
                        LIMIT,
                        MANY_BY_DEVICE + " datagrams take the device",
                        () -> {
                            assertEquals(UdpSends.DATAGRAMS, sends.arriveInOrder(), gateway::toString);
                            return tier(gateway).path("left").path("to_helper").asLong() > MANY_BY_DEVICE;
                        },
                        () -> tier(gateway) + "\n" + gateway);
                assertCounted(gateway, "rxPackets", before, sends.sent());
                assertTrue(
                        tier(gateway).path("packets").asLong() > MANY_BY_DEVICE, () -> tier(gateway) + "\n" + gateway);
            }
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

    /** TCP by the device, then UDP flows of which the kernel merges some packets, beside threads that want all CPUs. */
    @Test
    void noPacketOvertakesAnotherWhileCpusAreBusy() throws Exception {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            try (var gateway = GatewayProcess.start(lab.hB(), config(lab));
                    BusyCpus _ = BusyCpus.begin()) {
                awaitTier(gateway);
                Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, BYTES / 8, 1);
                try (UdpFlows flows = UdpFlows.start(lab, FLOWS)) {
                    Await.until(
                            LIMIT,
                            MANY + " packets arrive",
                            () -> flows.received() > MANY,
                            () -> flows.received() + " " + tier(gateway) + gateway.drops());
                    assertEquals(0, flows.overtaken(), () -> "of " + flows.received());
                }
            }
        }
    }

    /** Threads that want more CPUs than there are. */
    private static final class BusyCpus implements AutoCloseable {
        private final List<Thread> threads = new ArrayList<>();
        private volatile boolean isOver;

        static BusyCpus begin() {
            BusyCpus busy = new BusyCpus();
            for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
                busy.threads.add(Thread.ofPlatform().start(() -> {
                    while (!busy.isOver) {
                        Thread.onSpinWait();
                    }
                }));
            }
            return busy;
        }

        @Override
        public void close() {
            isOver = true;
            threads.forEach(ThreadEnd::await);
        }
    }

    @Test
    void whereTheUnderlaysAddressMovesToAnotherInterfaceItFollows() throws Exception {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            String device = lab.b().device();
            try (var gateway = GatewayProcess.start(lab.hB(), config(lab).replace(", device: " + device, ""))) {
                awaitTier(gateway);
                assertTrue(mergesUdp(lab, device));
                lab.hB().ip("link add moved type bridge");
                lab.hB().ip("link set moved up");
                lab.hB().ip("link set " + device + " master moved");
                lab.hB().ip("address del " + lab.vtepB() + "/24 dev " + device);
                lab.hB().ip("address add " + lab.vtepB() + "/24 dev moved");
                Await.until(
                        LIMIT,
                        "the program is at the interface that has the address",
                        () -> passes(lab) && mergesUdpQuietly(lab, "moved"),
                        () -> tier(gateway) + "\n" + gateway);
                assertFalse(mergesUdp(lab, device), "the interface before is as it was");
                awaitTier(gateway);
                Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, 1 << 20, 1);
            }
            assertFalse(mergesUdp(lab, "moved"));
        }
    }

    private static boolean passes(Lab lab) {
        try (UdpPair pair = UdpPair.open(lab)) {
            return pair.passes();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static boolean mergesUdpQuietly(Lab lab, String device) {
        try {
            return mergesUdp(lab, device);
        } catch (LinuxException e) {
            throw new AssertionError(e);
        }
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
