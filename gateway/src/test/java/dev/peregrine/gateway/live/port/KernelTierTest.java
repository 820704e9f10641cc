package dev.peregrine.gateway.live.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.testkit.live.KernelVtep;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Flows that pass in the kernel, with the kernel's VXLAN device as the other end of the tunnel. */
@LiveTest
class KernelTierTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int ROUNDS = 3_000;
    private static final int SOME = 50;
    private static final int MOST_OVERTAKEN_OF = 100;
    private static final int MANY = 64;
    private static final String RULES =
            "{name: arp, action: allow, protocol: arp}, {name: udp, action: allow, protocol: udp}";

    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    private static String config(Lab lab) {
        return lab.gatewayConfigB().replace("type: tap", "type: veth") + "fastpath: {kernel: on}\n";
    }

    /** Both ways in the kernel: its programs write no outer checksums. */
    private static String configBothWays(Lab lab) {
        return config(lab).replace("underlay: {", "underlay: {checksum: false, checksum6: false, ");
    }

    private static Scene open() {
        return open(KernelTierTest::configBothWays);
    }

    private static Scene open(Function<Lab, String> config) {
        return open(Underlay.IPV4_WIRE, config);
    }

    private static Scene open(Underlay underlay, Function<Lab, String> config) {
        Lab lab = Lab.create(underlay);
        Scene scene;
        try {
            kernelVtepA(lab, underlay);
            scene = new Scene(lab, GatewayProcess.start(lab.hB(), config.apply(lab)));
        } catch (Throwable e) {
            lab.close();
            throw e;
        }
        awaitTier(scene.gateway());
        return scene;
    }

    /** Takes datagrams without an outer checksum over IPv6, too. */
    private static void kernelVtepA(Lab lab, Underlay underlay) {
        KernelVtep.add(
                        lab.hA(),
                        Lab.VNI,
                        underlay.overlayMtu(),
                        "uA",
                        lab.vtepA(),
                        lab.vtepB(),
                        "dstport 4789 udp6zerocsumrx")
                .attach(lab.cA(), Lab.MAC_A, Lab.INNER_A);
    }

    private static void awaitTier(GatewayProcess gateway) {
        Await.until(
                LIMIT,
                "the tier is on",
                () -> tier(gateway).path("enabled").asBoolean(),
                () -> gateway.json("status").toString() + gateway);
    }

    private static JsonNode tier(GatewayProcess gateway) {
        return gateway.json("status").path("kernelTier");
    }

    private static long packets(GatewayProcess gateway) {
        return tier(gateway).path("packets").asLong();
    }

    /** Sends until packets pass in the kernel. */
    private static void warmUp(GatewayProcess gateway, UdpPair pair) {
        Await.until(
                LIMIT,
                "packets pass in the kernel",
                () -> {
                    long before = packets(gateway);
                    return pair.exchange(SOME) == SOME && packets(gateway) > before;
                },
                () -> gateway.json("status").toString() + gateway);
    }

    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE", "IPV6_OFFLOAD"})
    void lonePacketsPassInTheKernelAndEachIsCounted(Underlay underlay) throws Exception {
        passAndAreCounted(underlay, KernelTierTest::configBothWays, 2 * ROUNDS);
    }

    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE", "IPV6_OFFLOAD"})
    void withOuterChecksumsThoseFromTheTunnelPass(Underlay underlay) throws Exception {
        passAndAreCounted(underlay, KernelTierTest::config, ROUNDS);
    }

    private static void passAndAreCounted(Underlay underlay, Function<Lab, String> config, int expected)
            throws Exception {
        try (Scene scene = open(underlay, config);
                UdpPair pair = UdpPair.open(scene.lab())) {
            GatewayProcess gateway = scene.gateway();
            warmUp(gateway, pair);
            Totals before = Totals.of(gateway);
            long fast = packets(gateway);
            assertEquals(ROUNDS, pair.exchange(ROUNDS), gateway::toString);
            Await.until(
                    LIMIT,
                    "all packets are counted, each once",
                    () -> Totals.of(gateway).equals(before.plus(ROUNDS)),
                    () -> Totals.of(gateway) + " after " + before + "\n" + gateway);
            long passed = packets(gateway) - fast;
            assertTrue(passed > 0.9 * expected && passed <= expected, () -> passed + " passed, " + tier(gateway));
        }
    }

    /** Wire packets as users see them. */
    private record Totals(long rx, long tx, long portRx, long portTx, long vtepRx, long vtepTx) {
        static Totals of(GatewayProcess gateway) {
            JsonNode status = gateway.json("status");
            JsonNode port = gateway.port("web");
            JsonNode vtep = gateway.json("vtep", "list").path(0);
            return new Totals(
                    status.path("rxPackets").asLong(),
                    status.path("txPackets").asLong(),
                    port.path("rxPackets").asLong(),
                    port.path("txPackets").asLong(),
                    vtep.path("rxDatagrams").asLong(),
                    vtep.path("txDatagrams").asLong());
        }

        Totals plus(long more) {
            return new Totals(rx + more, tx + more, portRx + more, portTx + more, vtepRx + more, vtepTx + more);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE"})
    void noPacketFollowsAnOldDecisionAfterTheAnswer(Underlay underlay) throws Exception {
        try (Scene scene = open(underlay, KernelTierTest::configBothWays);
                UdpPair pair = UdpPair.open(scene.lab())) {
            GatewayProcess gateway = scene.gateway();
            for (int round = 0; round < 5; round++) {
                warmUp(gateway, pair);
                done(gateway, "policy", "add", "port", "web", "out", "{name: stop, action: deny, protocol: udp}");
                for (int i = 0; i < SOME; i++) {
                    pair.send();
                }
                assertFalse(pair.passes(), gateway::toString);
                done(gateway, "policy", "del", "port", "web", "out", "stop");
                assertTrue(pair.passes(), gateway::toString);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE", "IPV6_OFFLOAD"})
    void streamsArriveIntactBothWays(Underlay underlay) {
        try (Scene scene = open(underlay, KernelTierTest::configBothWays)) {
            Lab lab = scene.lab();
            for (int seed = 0; seed < 3; seed++) {
                Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, 1 << 24, seed);
                Stream.arrivesIntact(lab.cB(), lab.cA(), Lab.INNER_A, 1 << 24, seed);
            }
            assertTrue(
                    packets(scene.gateway()) > 1_000,
                    () -> tier(scene.gateway()).toString());
        }
    }

    /**
     * They never pause, and some packets of each get lost at first. Around the shedding a few may overtake others, see
     * docs/fastpath.md.
     */
    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE"})
    void underOverloadPacketsAreShedSoThatFlowsPassInTheKernel(Underlay underlay) throws Exception {
        Function<Lab, String> config = lab -> config(lab).replace("underlay: {", "underlay: {receiveBuffer: 64KiB, ");
        try (Scene scene = open(underlay, config);
                UdpFlows flows = UdpFlows.start(scene.lab(), MANY)) {
            GatewayProcess gateway = scene.gateway();
            Await.until(
                    LIMIT,
                    "losses, then a moment of shedding",
                    () -> gateway.drops().getOrDefault(DropReason.UNDERLAY_RECEIVE_OVERFLOW.name(), 0L) > 0
                            && gateway.drops().getOrDefault(DropReason.UNDERLAY_SHED.name(), 0L) > 0,
                    () -> gateway.drops() + " " + tier(gateway));
            long fast = packets(gateway);
            long before = flows.received();
            Await.until(
                    LIMIT,
                    "they pass in the kernel from then on",
                    () -> packets(gateway) > fast + 10 * ROUNDS && flows.received() > before + ROUNDS,
                    () -> gateway.drops() + " " + tier(gateway));
            assertTrue(
                    flows.overtaken() * MOST_OVERTAKEN_OF < flows.received(),
                    () -> flows.overtaken() + " of " + flows.received());
        }
    }

    private static void done(GatewayProcess gateway, String... words) {
        GatewayProcess.Answer answer = gateway.command(words);
        assertEquals(0, answer.exit(), answer::toString);
    }

    @Test
    void eachFlowIsShownWithItsTierAndWhyItIsNotInTheKernel() throws Exception {
        try (Scene scene = open(KernelTierTest::config);
                UdpPair pair = UdpPair.open(scene.lab())) {
            GatewayProcess gateway = scene.gateway();
            warmUp(gateway, pair);
            JsonNode in = flow(gateway, "vtep");
            assertEquals("kernel", in.path("tier").asText(), in::toString);
            assertTrue(in.path("kernelPackets").asLong() > 0, in::toString);
            JsonNode out = flow(gateway, "port");
            assertEquals("gateway", out.path("tier").asText(), out::toString);
            assertEquals("underlay.checksum is on", out.path("why").asText(), out::toString);
            String doctor = gateway.command("doctor").out();
            assertTrue(doctor.contains("kernel-tier") && doctor.contains("underlay.checksum: false"), doctor::toString);
            done(gateway, "flow", "off");
            JsonNode off = flow(gateway, "vtep");
            assertEquals("the flow cache is off", off.path("why").asText(), off::toString);
        }
    }

    /** The flow of the pair that comes in somewhere. */
    private static JsonNode flow(GatewayProcess gateway, String from) {
        for (JsonNode row : gateway.json("flow", "list", "proto", "udp")) {
            if (row.path("in").asText().startsWith(from)) {
                return row;
            }
        }
        throw new AssertionError("no flow from " + from + ": " + gateway.json("flow", "list"));
    }

    /** As long as packets pass in the kernel, the gateway keeps the state alive that lets them. */
    @Test
    void flowsThatAPolicyFollowsPassByTheirState() throws Exception {
        Function<Lab, String> config = lab -> configBothWays(lab)
                        .replace("/24]}", "/24], policy: {replies: on, out: {default: deny, rules: [" + RULES + "]}}}")
                + "flowStates: {udp: 3s, udpReplied: 3s}\n";
        try (Scene scene = open(config);
                UdpPair pair = UdpPair.open(scene.lab())) {
            GatewayProcess gateway = scene.gateway();
            warmUp(gateway, pair);
            long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
            long before = packets(gateway);
            while (System.nanoTime() < end) {
                assertEquals(SOME, pair.exchange(SOME), gateway::toString);
            }
            assertTrue(
                    packets(gateway) - before > 10 * SOME,
                    () -> gateway.json("flow", "list").toString());
            assertEquals(1, states(gateway), () -> gateway.json("state", "list").toString());
            done(gateway, "policy", "del", "port", "web", "out", "udp");
            assertEquals(SOME, pair.exchange(SOME), "it is established");
            done(gateway, "state", "flush");
            assertFalse(pair.passes(), () -> gateway.json("flow", "list").toString());
        }
    }

    private static long states(GatewayProcess gateway) {
        return gateway.json("state", "list", "proto", "udp").size();
    }

    @Test
    void shadowModeSeesEveryPacket() throws Exception {
        Function<Lab, String> config = lab -> configBothWays(lab).replace("kernel: on", "kernel: on, shadow: 2");
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, config);
                UdpPair pair = UdpPair.open(scene.lab())) {
            GatewayProcess gateway = scene.gateway();
            assertEquals(ROUNDS, pair.exchange(ROUNDS), gateway::toString);
            Await.until(
                    LIMIT,
                    "the tier says why it is off",
                    () -> tier(gateway).path("reason").asText().contains("fastpath.shadow"),
                    () -> tier(gateway).toString());
            JsonNode stats = gateway.json("flow", "stats");
            assertEquals(0, stats.path("kernelPackets").asLong(), stats::toString);
            assertTrue(stats.path("compared").asLong() > ROUNDS / 4, stats::toString);
            assertEquals(0, stats.path("mismatches").asLong(), stats::toString);
        }
    }

    @Test
    void whoeverCapturesSeesThem() throws Exception {
        try (Scene scene = open();
                UdpPair pair = UdpPair.open(scene.lab())) {
            GatewayProcess gateway = scene.gateway();
            warmUp(gateway, pair);
            var capture = CompletableFuture.supplyAsync(() ->
                    gateway.command("capture", "--at", "underlay", "--count", String.valueOf(SOME), "--seconds", "20"));
            Await.until(
                    LIMIT,
                    "the tier is off",
                    () -> !tier(gateway).path("enabled").asBoolean(),
                    () -> tier(gateway).toString());
            long before = packets(gateway);
            assertEquals(SOME, pair.exchange(SOME));
            assertEquals(0, capture.get().exit(), capture::toString);
            assertEquals(before, packets(gateway));
            warmUp(gateway, pair);
        }
    }

    @Test
    void itFollowsTheSwitchOfTheCache() throws Exception {
        try (Scene scene = open();
                UdpPair pair = UdpPair.open(scene.lab())) {
            GatewayProcess gateway = scene.gateway();
            warmUp(gateway, pair);
            done(gateway, "flow", "off");
            long before = packets(gateway);
            assertEquals(SOME, pair.exchange(SOME));
            assertEquals(before, packets(gateway));
            assertTrue(
                    tier(gateway).path("reason").asText().contains("the flow cache is off"),
                    () -> tier(gateway).toString());
            done(gateway, "flow", "on");
            warmUp(gateway, pair);
        }
    }

    @Test
    void theProgramsEndWithAGatewayThatIsKilled() throws Exception {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            try (var gateway = GatewayProcess.start(lab.hB(), config(lab))) {
                awaitTier(gateway);
                try (UdpPair pair = UdpPair.open(lab)) {
                    warmUp(gateway, pair);
                    gateway.kill();
                    assertFalse(pair.passes(), "the pair is still there, but no program");
                }
                try (var again = gateway.startAgain();
                        UdpPair pair = UdpPair.open(lab)) {
                    awaitTier(again);
                    warmUp(again, pair);
                }
            }
        }
    }
}
