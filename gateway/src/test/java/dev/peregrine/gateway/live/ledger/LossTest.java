package dev.peregrine.gateway.live.ledger;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The kernel's drops in front of a gateway that does not read are counted, too. */
@LiveTest
class LossTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String RECEIVE_OVERFLOW = "UNDERLAY_RECEIVE_OVERFLOW";
    private static final String TAP_OVERFLOW = "TAP_TRANSMIT_OVERFLOW";
    private static final int PINGS = 30_000;

    /** Neighbour discovery of the underlay, which is no VXLAN. */
    private static final int OTHER_FRAMES = 8;

    @Test
    void overflowOfTheReceiveQueueIsCountedAndTcpGoesOn() {
        try (Scene scene = Scene.open(Underlay.IPV4_OFFLOAD)) {
            Lab lab = scene.lab();
            Ping.loses0(lab.cA(), Lab.INNER_B, 3, 56);
            long arrived = arrived(lab);
            long seen = seen(scene.gateway());
            whileStopped(scene.gateway(), () -> burst(lab.cA(), Lab.INNER_B));
            Await.until(
                    LIMIT,
                    "what arrived was received or counted as lost",
                    () -> Math.abs(arrived(lab) - arrived - (seen(scene.gateway()) - seen)) <= OTHER_FRAMES,
                    () -> arrived(lab) - arrived + " arrived; "
                            + scene.gateway().drops());
            assertTrue(lost(scene.gateway(), RECEIVE_OVERFLOW) > 0, "nothing was lost");
            Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, 32 << 20, 1);
            Stream.arrivesIntact(lab.cB(), lab.cA(), Lab.INNER_A, 32 << 20, 1);
        }
    }

    @Test
    void overflowOfATapQueueIsCounted() {
        try (Scene scene = Scene.open(Underlay.IPV4_OFFLOAD)) {
            Lab lab = scene.lab();
            lab.cB().ip("neigh replace " + Lab.INNER_A + " lladdr " + Lab.MAC_A + " dev eth0");
            lab.cB().ip("link set eth0 txqueuelen 1000");
            whileStopped(scene.gateway(), () -> burst(lab.cB(), Lab.INNER_A));
            Await.until(
                    LIMIT,
                    "what container B sent was taken or counted as lost",
                    () -> statistic(lab.cB(), "eth0", "tx_packets") == taken(scene.gateway())
                            && statistic(lab.cB(), "eth0", "tx_dropped") == lost(scene.gateway(), TAP_OVERFLOW),
                    () -> scene.gateway().counters());
            long sum = taken(scene.gateway()) + lost(scene.gateway(), TAP_OVERFLOW);
            assertTrue(sum >= PINGS, sum + " frames in all");
            assertTrue(lost(scene.gateway(), TAP_OVERFLOW) > 0);
        }
    }

    private static long taken(GatewayProcess gateway) {
        return gateway.port("web").path("rxPackets").asLong();
    }

    private static long lost(GatewayProcess gateway, String reason) {
        return gateway.drops().getOrDefault(reason, 0L);
    }

    private static long statistic(Namespace namespace, String device, String counter) {
        String file = "/sys/class/net/" + device + "/statistics/" + counter;
        return Long.parseLong(namespace.output("cat", file).strip());
    }

    /** SIGSTOP and SIGCONT. */
    private static void whileStopped(GatewayProcess gateway, Runnable action) {
        Command.output("kill", "-STOP", "" + gateway.pid());
        try {
            action.run();
        } finally {
            Command.output("kill", "-CONT", "" + gateway.pid());
        }
    }

    /** Sends many pings at once, whose answers nobody waits for. */
    private static void burst(Namespace from, String to) {
        Command.run(from.words(List.of(
                "ping", "-n", "-q", "-c", "" + PINGS, "-l", "" + PINGS, "-i", "0", "-s", "1400", "-w", "2", to)));
    }

    /** Frames that came to the gateway's host. */
    private static long arrived(Lab lab) {
        return statistic(lab.hB(), "uB", "rx_packets");
    }

    private static long seen(GatewayProcess gateway) {
        return gateway.status().path("rxPackets").asLong() + lost(gateway, RECEIVE_OVERFLOW);
    }
}
