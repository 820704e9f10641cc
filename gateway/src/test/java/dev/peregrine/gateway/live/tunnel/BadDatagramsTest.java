package dev.peregrine.gateway.live.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.Jvm;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.BadDatagrams;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random and half-valid datagrams: each is counted once, none does harm. */
@LiveTest
class BadDatagramsTest {
    private static final int COUNT = 20_000;

    /** More than any pool holds: a buffer lost per datagram would stop the gateway in the first round. */
    private static final int ROUNDS = 2;

    /** As many as {@code UDP_GRO} merges. */
    private static final int MOST_MERGED = 64;

    private static final int FUZZED_VNI = 43;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @ParameterizedTest
    @CsvSource({"IPV4_WIRE, auto", "IPV4_WIRE, off", "IPV6_OFFLOAD, auto", "IPV6_OFFLOAD, off"})
    void eachFromAnAllowedVtepIsCountedOnce(Underlay underlay, String gro) {
        try (Scene scene = Scene.open(underlay, lab -> config(lab, gro))) {
            scene.lab().rememberNeighbours(); // whose answers would be delivered, too
            for (int round = 0; round < ROUNDS; round++) {
                long seed = System.nanoTime();
                Account account = send(scene, scene.lab().vtepA(), seed);
                account.assertComplete(gro, seed);
                // The kernel behind that VTEP may say something of its own.
                if (gro.equals("off")) {
                    assertTrue(account.received() >= COUNT, () -> "seed " + seed + ": " + account);
                }
                assertTrue(account.drops().size() >= 4, () -> "few kinds were provoked, seed " + seed + ": " + account);
                Ping.loses0(scene.lab().cA(), Lab.INNER_B, 50, 1000);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"IPV4_WIRE, auto", "IPV4_WIRE, off", "IPV6_OFFLOAD, auto", "IPV6_OFFLOAD, off"})
    void eachFromAStrangerIsDropped(Underlay underlay, String gro) {
        try (Scene scene = Scene.open(underlay, lab -> config(lab, gro))) {
            Lab lab = scene.lab();
            String stranger = underlay.address(9);
            lab.hA()
                    .ip("address add %s/%d dev uA%s"
                            .formatted(stranger, underlay.prefixLength(), underlay.ipv6() ? " nodad" : ""));
            long seed = System.nanoTime();
            Account account = send(scene, stranger, seed);
            account.assertComplete(gro, seed);
            assertEquals(0, account.delivered(), () -> "seed " + seed + ": " + account);
            assertTrue(account.drops().containsKey("VTEP_NOT_ALLOWED"), account::toString);
            Ping.loses0(lab.cA(), Lab.INNER_B, 50, 1000);
        }
    }

    /** Container B, and a port whose namespace never says anything by itself. */
    private static String config(Lab lab, String gro) {
        Namespace silent = lab.add("dB");
        return lab.gatewayConfigB().replace("device: uB}", "device: uB, offload: {gro: " + gro + "}}")
                + """
                  - vni: %d
                    ports:
                      - {name: silent, type: tap, device: eth0, netns: %s}
                """.formatted(FUZZED_VNI, silent);
    }

    /**
     * The fate of the datagrams of one round.
     *
     * @param received from VTEPs that are allowed
     * @param delivered to ports
     */
    private record Account(long received, long delivered, Map<String, Long> drops) {
        long dropped() {
            return drops.values().stream().mapToLong(count -> count).sum();
        }

        /**
         * The most datagrams that messages without a segment size hold, beside those that count (docs/architecture.md).
         */
        long mostUncounted() {
            return drops.getOrDefault("UNDERLAY_AMBIGUOUS", 0L) * (MOST_MERGED - 1);
        }

        boolean isComplete() {
            return dropped() + delivered + mostUncounted() >= COUNT;
        }

        void assertComplete(String gro, long seed) {
            if (gro.equals("off")) {
                assertEquals(0, mostUncounted(), () -> "seed " + seed + ": " + this);
            }
            assertTrue(isComplete() && dropped() + delivered <= COUNT, () -> "seed " + seed + ": " + this);
        }
    }

    private static Account send(Scene scene, String from, long seed) {
        GatewayProcess gateway = scene.gateway();
        Map<String, Long> drops = gateway.drops();
        long received = gateway.status().path("rxPackets").asLong();
        long delivered = ports(gateway, "txPackets");
        Command.run(
                        LIMIT,
                        scene.lab()
                                .hA()
                                .words(Jvm.words(
                                        BadDatagrams.class,
                                        from,
                                        scene.lab().vtepB(),
                                        "" + FUZZED_VNI,
                                        "" + COUNT,
                                        "" + seed)))
                .orFail();
        Supplier<Account> account = () -> new Account(
                gateway.status().path("rxPackets").asLong() - received,
                ports(gateway, "txPackets") - delivered,
                gateway.dropsSince(drops));
        // A worker takes the last ones after their sender has ended.
        Await.until(
                LIMIT,
                "all are accounted for, seed " + seed,
                () -> account.get().isComplete(),
                account);
        return account.get();
    }

    private static long ports(GatewayProcess gateway, String counter) {
        long sum = 0;
        for (var port : gateway.json("port", "list")) sum += port.path(counter).asLong();
        return sum;
    }
}
