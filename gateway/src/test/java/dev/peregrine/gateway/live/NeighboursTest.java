package dev.peregrine.gateway.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** ARP and neighbour discovery that are answered in place of a host behind the kernel's VTEP. */
@Conformance("kernel test_bridge_neigh_suppress.sh")
class NeighboursTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @Test
    void aKnownHostIsNotAskedAgain() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, suppressing(""))) {
            Lab lab = scene.lab();
            lab.enableInnerIpv6();
            Ping.loses0(lab.cB(), Lab.INNER6_A, 1, 56);
            Stream.arrivesIntact(lab.cB(), lab.cA(), Lab.INNER_A, 1 << 20, 1);
            assertTrue(known(scene) >= 2, () -> "neighbours: " + known(scene));
            silence(lab.cA());
            assertResolves(lab.cB(), Lab.INNER6_A);
            assertResolves(lab.cB(), Lab.INNER_A);
        }
    }

    @Test
    void aConfiguredHostIsNeverAsked() {
        String neighbours = """
                    neighbours:
                      - {address: %s, mac: "%s"}
                      - {address: "%s", mac: "%s"}
                    fdb: [{mac: "%s", vtep: 198.18.0.1}]
                """.formatted(Lab.INNER_A, Lab.MAC_A, Lab.INNER6_A, Lab.MAC_A, Lab.MAC_A);
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, suppressing(neighbours))) {
            Lab lab = scene.lab();
            lab.enableInnerIpv6();
            silence(lab.cA());
            assertResolves(lab.cB(), Lab.INNER6_A);
            assertResolves(lab.cB(), Lab.INNER_A);
        }
    }

    private static Function<Lab, String> suppressing(String more) {
        return lab -> lab.gatewayConfigB().replace("- vni: 42\n", "- vni: 42\n    suppressNeighbours: true\n" + more);
    }

    private static long known(Scene scene) {
        return scene.gateway()
                .row("vni", "vni", "" + Lab.VNI)
                .path("neighbours")
                .asLong();
    }

    /** Has a container answer nobody: what others resolve then is not from it. */
    private static void silence(Namespace container) {
        container.ip("link set eth0 arp off");
        container.write("/proc/sys/net/ipv6/conf/eth0/disable_ipv6", "1");
    }

    /** The kernel of a container resolves an address that it does not know, having sent a datagram there. */
    private static void assertResolves(Namespace from, String to) {
        from.ip("neigh flush dev eth0");
        Await.until(
                LIMIT,
                from + " resolves " + to,
                () -> {
                    Command.run(from.words("ping", "-n", "-q", "-c", "1", "-W", "0.1", to));
                    return from.ip("neigh show " + to + " dev eth0").contains("lladdr " + Lab.MAC_A);
                },
                () -> from.ip("neigh show"));
        assertTrue(from.ip("neigh show " + to + " dev eth0").contains(Lab.MAC_A));
        assertEquals(1, from.ip("neigh show " + to + " dev eth0").lines().count());
    }
}
