package dev.peregrine.gateway.live.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Flows that pass in the kernel, with the kernel's VXLAN device as the other end of the tunnel. */
@LiveTest
class KernelTierTest {
    private static final Duration LIMIT = Duration.ofSeconds(15);
    private static final int ROUNDS = 3_000;

    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    private static String config(Lab lab) {
        return lab.gatewayConfigB().replace("type: tap", "type: veth") + "fastpath: {kernel: on}\n";
    }

    private static Scene open() {
        Scene scene = Scene.open(Underlay.IPV4_WIRE, KernelTierTest::config);
        awaitTier(scene.gateway());
        return scene;
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

    @Test
    void lonePacketsPassInTheKernelAndEachIsCounted() throws Exception {
        try (Scene scene = open();
                UdpPair pair = UdpPair.open(scene.lab())) {
            GatewayProcess gateway = scene.gateway();
            pair.exchange(10);
            long rx = gateway.json("status").path("rxPackets").asLong();
            long tx = gateway.port("web").path("txPackets").asLong();
            assertEquals(ROUNDS, pair.exchange(ROUNDS), gateway::toString);
            JsonNode tier = tier(gateway);
            assertTrue(tier.path("packets").asLong() > ROUNDS / 2, tier::toString);
            Await.until(
                    LIMIT,
                    "all packets are counted",
                    () -> gateway.json("status").path("rxPackets").asLong() == rx + ROUNDS
                            && gateway.port("web").path("txPackets").asLong() == tx + ROUNDS,
                    () -> gateway.json("status") + " " + gateway.port("web") + " before " + rx + " " + tx);
        }
    }
}
