package dev.peregrine.gateway.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
