package dev.peregrine.gateway.live.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A TAP port whose namespace comes and goes, as containers do. */
@LiveTest
class WaitingPortTest {
    private static final Duration RETRY_LIMIT = Duration.ofSeconds(10);

    @Test
    void portFollowsItsNamespace() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, WaitingPortTest::config)) {
            Lab lab = scene.lab();
            GatewayProcess gateway = scene.gateway();
            awaitState(gateway, "late", "waiting");
            Ping.loses0(lab.cA(), Lab.INNER_B, 5, 56);
            for (int life = 0; life < 2; life++) {
                Namespace late = lab.add("late");
                awaitState(gateway, "late", "up");
                Ping.loses0(lab.cA(), "198.19.0.3", 50, 56);
                Ping.loses0(late, Lab.INNER_B, 50, 1000);
                Ping.loses0(lab.cA(), Lab.INNER_B, 5, 56);
                lab.remove(late);
                awaitState(gateway, "late", "waiting");
                Ping.loses0(lab.cA(), Lab.INNER_B, 5, 56);
            }
            assertEquals(1, lab.cB().devices("tun").size());
        }
    }

    @Test
    void portFollowsItsNamespaceUnderLoad() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, WaitingPortTest::config)) {
            Lab lab = scene.lab();
            Namespace late = lab.add("late");
            awaitState(scene.gateway(), "late", "up");
            Ping.loses0(lab.cA(), "198.19.0.3", 3, 56);
            try (var flood = BackgroundProcess.start(
                    lab.cA().words("ping", "-f", "-q", "-s", "1400", "-w", "60", "198.19.0.3"))) {
                Await.until(
                        RETRY_LIMIT,
                        "traffic flows",
                        () -> scene.gateway().port("late").path("txPackets").asLong() > 1_000,
                        flood::toString);
                lab.remove(late);
                awaitState(scene.gateway(), "late", "waiting");
                lab.add("late");
                awaitState(scene.gateway(), "late", "up");
                Ping.loses0(lab.cB(), Lab.INNER_A, 20, 56);
            }
        }
    }

    /** Looking after ports that have not changed is no reason to decide again about flows. */
    @Test
    void aPortThatWaitsAndOneOnAnInterfaceEndNoCachedFlows() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, WaitingPortTest::configWithInterface)) {
            Lab lab = scene.lab();
            GatewayProcess gateway = scene.gateway();
            lab.enableInnerIpv6();
            awaitState(gateway, "late", "waiting");
            awaitState(gateway, "nic", "up");
            Ping.loses0(lab.cB(), Lab.INNER6_A, 100, 56);
            JsonNode before = gateway.json("flow", "stats");
            Ping.loses0(
                    lab.cB(), Lab.INNER6_A, 350, 56); // three and a half seconds, in which ports are looked at thrice
            JsonNode after = gateway.json("flow", "stats");
            String both = before + ", then " + after;
            assertTrue(after.path("hits").asLong() - before.path("hits").asLong() >= 500, both);
            assertEquals(before.path("stale").asLong(), after.path("stale").asLong(), both);
        }
    }

    private static String configWithInterface(Lab lab) {
        lab.hB().ip("link add p0 type veth peer name p1");
        lab.hB().ip("link set p0 up");
        lab.hB().ip("link set p1 up");
        return config(lab) + "      - {name: nic, type: interface, device: p0}\n";
    }

    private static String config(Lab lab) {
        return lab.gatewayConfigB() + """
                      - {name: late, type: tap, device: eth0, netns: %s, addresses: [198.19.0.3/24]}
                """.formatted(lab.cB().name().replace("cB", "late"));
    }

    private static void awaitState(GatewayProcess gateway, String port, String state) {
        Await.until(
                RETRY_LIMIT,
                "port " + port + " is " + state,
                () -> gateway.port(port).path("state").asText().equals(state),
                () -> gateway.port(port));
    }
}
