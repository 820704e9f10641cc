package dev.peregrine.gateway.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random and half-valid datagrams: each is counted once, none does harm. */
@LiveTest
class BadDatagramsTest {
    private static final int COUNT = 20_000;

    /** More than any pool holds: a buffer lost per datagram would stop the gateway in the first round. */
    private static final int ROUNDS = 2;

    private static final int FUZZED_VNI = 43;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_OFFLOAD"})
    void eachFromAnAllowedVtepIsCountedOnce(Underlay underlay) {
        try (Scene scene = Scene.open(underlay, BadDatagramsTest::config)) {
            for (int round = 0; round < ROUNDS; round++) {
                long seed = System.nanoTime();
                Account account = send(scene, scene.lab().vtepA(), seed);
                assertEquals(COUNT, account.received(), () -> "seed " + seed + ": " + account);
                assertEquals(COUNT, account.dropped() + account.delivered(), () -> "seed " + seed + ": " + account);
                assertTrue(account.drops().size() >= 4, () -> "few kinds were provoked, seed " + seed + ": " + account);
                Ping.loses0(scene.lab().cA(), Lab.INNER_B, 50, 1000);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_OFFLOAD"})
    void eachFromAStrangerIsDropped(Underlay underlay) {
        try (Scene scene = Scene.open(underlay, BadDatagramsTest::config)) {
            Lab lab = scene.lab();
            String stranger = underlay.address(9);
            lab.hA()
                    .ip("address add %s/%d dev uA%s"
                            .formatted(stranger, underlay.prefixLength(), underlay.ipv6() ? " nodad" : ""));
            long seed = System.nanoTime();
            Account account = send(scene, stranger, seed);
            assertEquals(COUNT, account.dropped(), () -> "seed " + seed + ": " + account);
            assertEquals(0, account.delivered(), () -> "seed " + seed + ": " + account);
            assertTrue(account.drops().containsKey("VTEP_NOT_ALLOWED"), account::toString);
            Ping.loses0(lab.cA(), Lab.INNER_B, 50, 1000);
        }
    }

    /** Container B, and a port whose namespace never says anything by itself. */
    private static String config(Lab lab) {
        Namespace silent = lab.add("dB");
        return lab.gatewayConfigB() + """
                  - vni: %d
                    ports:
                      - {name: silent, type: tap, device: eth0, netns: %s}
                """.formatted(FUZZED_VNI, silent);
    }

    /**
     * The fate of the datagrams of one round.
     *
     * @param received from the underlay
     * @param delivered to ports
     * @param answered frames that came from a port in return
     */
    private record Account(long received, long delivered, long answered, Map<String, Long> drops) {
        boolean isOf(int sent) {
            return received >= sent && dropped() + delivered >= sent;
        }

        long dropped() {
            return drops.values().stream().mapToLong(count -> count).sum();
        }
    }

    private static Account send(Scene scene, String from, long seed) {
        GatewayProcess gateway = scene.gateway();
        Map<String, Long> drops = gateway.drops();
        long received = gateway.status().path("rxPackets").asLong();
        long delivered = ports(gateway, "txPackets");
        long answered = ports(gateway, "rxPackets");
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
                ports(gateway, "rxPackets") - answered,
                gateway.dropsSince(drops));
        // A worker takes the last ones after their sender has ended.
        Await.until(LIMIT, "the gateway took all datagrams, seed " + seed, () -> account.get().isOf(COUNT), account);
        return account.get();
    }

    private static long ports(GatewayProcess gateway, String counter) {
        long sum = 0;
        for (var port : gateway.json("port", "list")) sum += port.path(counter).asLong();
        return sum;
    }
}
