package dev.peregrine.gateway.live.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.KernelEcho;
import dev.peregrine.gateway.live.lab.Conformance;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.Figures;
import dev.peregrine.gateway.live.traffic.FrameSocket;
import dev.peregrine.gateway.live.traffic.Offer;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** VTEPs that are off cost those that are on nothing, though the kernel parks datagrams for each of them. */
@Conformance("reported by users")
class DeadVtepsTest {
    private static final int DEAD = 60;
    private static final int SECONDS = 6;
    private static final int PER_SECOND = 1000;
    private static final int UNICASTS_PER_SECOND = 100;
    private static final int LENGTH = 1400;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @ParameterizedTest
    @EnumSource(names = {"IPV4_OFFLOAD", "IPV6_OFFLOAD"})
    void sixtyDeadFloodMembersOfSixtyOneStarveNeitherTheLivingNorAFlow(Underlay underlay) {
        try (Scene scene = Scene.open(underlay, DeadVtepsTest::config)) {
            letTheLivingBeHeard(scene);
            try (Offer offer = Offer.open(scene)) {
                long start = System.nanoTime();
                for (int i = 0; i < SECONDS * PER_SECOND; i++) {
                    Offer.pace(start, i, PER_SECOND);
                    offer.send(Offer.broadcast(i % 50, LENGTH));
                    if (i % (PER_SECOND / UNICASTS_PER_SECOND) == 0) {
                        offer.send(Offer.unicast(i % 100, LENGTH));
                    }
                }
                long enough = offer.sent() - offer.sent() / 1000;
                Await.until(LIMIT, "99.9 % arrived", () -> offer.arrived() >= enough, offer::toString);
                Figures.print("%s, %d of %d VTEPs dead: %s".formatted(underlay, DEAD, DEAD + 1, offer));
            }
            if (!underlay.ipv6()) KernelEcho.assumeAnswered();
            assertTold(scene.gateway());
        }
    }

    /**
     * For longer than the gateway takes to notice: where the kernel grants little room, it tells those apart that it
     * hears.
     */
    private static void letTheLivingBeHeard(Scene scene) {
        Offer.warmUp(scene);
        long start = System.nanoTime();
        try (FrameSocket cA = FrameSocket.open(scene.lab().cA(), "eth0")) {
            for (int i = 0; i < 30; i++) {
                Offer.pace(start, i, 10);
                cA.send(FrameBuilder.udp4()
                        .macs(0x0200_0000_0002L, 0x0200_0000_0001L)
                        .payload(100)
                        .build());
            }
        }
    }

    private static String config(Lab lab) {
        String dead = IntStream.rangeClosed(101, 100 + DEAD)
                .mapToObj(host -> "\"" + lab.underlay().address(host) + "\"")
                .collect(Collectors.joining(", "));
        // Bound to a device, a socket is not told that a neighbour of IPv4 does not answer: the news comes by loopback.
        String flood = "flood: [\"" + lab.vtepA() + "\"";
        return lab.gatewayConfigB().replace(", device: uB", "").replace(flood, flood + ", " + dead);
    }

    /** The kernel limits ICMP errors, so that not every dead VTEP is told of at once. */
    private static void assertTold(GatewayProcess gateway) {
        Await.until(
                LIMIT,
                "vtep list has the error of a dead VTEP",
                () -> gateway.json("vtep", "list").toString().contains("EHOSTUNREACH (no route to host)"),
                () -> gateway.json("vtep", "list"));
        assertTrue(gateway.log().stream().anyMatch(line -> line.contains("EHOSTUNREACH") && line.contains("ip neigh")));
        long lines = gateway.log().stream()
                .filter(line -> line.contains("datagrams to VTEP"))
                .count();
        assertTrue(lines < DEAD, () -> lines + " lines");
        JsonNode status = gateway.status();
        if (status.path("sendBufferBytes").asInt()
                >= status.path("sendBufferWantedBytes").asInt()) {
            assertEquals(0, gateway.drops().getOrDefault("UNDERLAY_FULL", 0L));
        } else {
            assertTrue(gateway.log().stream().anyMatch(line -> line.contains("net.core.wmem_max")));
        }
    }
}
