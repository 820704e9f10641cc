package dev.peregrine.gateway.live.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.Conformance;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.Figures;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The MTU of a VNI is what routes to its VTEPs carry, at start and later. */
@Conformance("reported by users")
class UnderlayMtuTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE"})
    void anAddressOnTheLoopbackInterfaceTakesTheMtuOfTheRoutes(Underlay underlay) {
        try (Lab lab = Lab.create(underlay)) {
            String network = underlay.ipv6() ? "fd99::" : "10.255.255.";
            putOnLoopback(lab, lab.hA(), network + 1, network + 2, "uA", lab.vtepB());
            putOnLoopback(lab, lab.hB(), network + 2, network + 1, "uB", lab.vtepA());
            Function<String, String> moved = config -> config.replace(lab.vtepA(), network + 1)
                    .replace(lab.vtepB(), network + 2)
                    .replaceAll(", device: u[AB]", "");
            try (GatewayProcess a = GatewayProcess.start(lab.hA(), moved.apply(lab.gatewayConfigA()));
                    GatewayProcess b = GatewayProcess.start(lab.hB(), moved.apply(lab.gatewayConfigB()))) {
                assertMtu(lab, b, underlay.overlayMtu());
                assertMtu(lab.cA(), underlay.overlayMtu());
                Ping.loses0(lab.cB(), Lab.INNER_A, 10, Ping.largest(underlay.overlayMtu(), Lab.INNER_A));
                assertTrue(a.isAlive());
            }
        }
    }

    private static void putOnLoopback(Lab lab, Namespace host, String own, String remote, String device, String via) {
        boolean ipv6 = lab.underlay().ipv6();
        if (ipv6) host.enableIpv6("lo");
        host.ip("address add %s/%d dev lo".formatted(own, ipv6 ? 128 : 32));
        host.ip("route add %s via %s dev %s src %s".formatted(remote, via, device, own));
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "netty"})
    void itFollowsTheInterfaceDownAndUp(String mode) {
        try (Scene scene = Scene.open(
                Underlay.IPV4_WIRE,
                lab -> lab.gatewayConfigB().replace("device: uB", "device: uB, mode: " + mode)
                        + "workers: {count: 2}\n")) {
            Lab lab = scene.lab();
            Ping.loses0(lab.cB(), Lab.INNER_A, 5, Ping.largest(1550, Lab.INNER_A));
            for (int mtu : new int[] {1400, 1600}) {
                lab.hB().ip("link set uB mtu " + mtu);
                awaitMtu(lab, scene.gateway(), mtu - 50);
                Ping.loses0(lab.cB(), Lab.INNER_A, 5, Ping.largest(mtu - 50, Lab.INNER_A));
                Stream.arrivesIntact(lab.cB(), lab.cA(), Lab.INNER_A, 4 << 20, 1);
                Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, 4 << 20, 2);
            }
            assertTrue(
                    scene.gateway().log().stream()
                            .anyMatch(line -> line.contains("the MTU of VNI 42 is 1350 now, not 1550")),
                    scene.gateway()::toString);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE"})
    void itFollowsTheRoutes(Underlay underlay) {
        try (Scene scene = Scene.open(underlay)) {
            Lab lab = scene.lab();
            int overhead = Underlay.MTU - underlay.overlayMtu();
            lab.hB().ip("route add %s dev uB mtu 1420".formatted(lab.vtepA()));
            awaitMtu(lab, scene.gateway(), 1420 - overhead);
            lab.hB().ip("route del %s dev uB mtu 1420".formatted(lab.vtepA()));
            awaitMtu(lab, scene.gateway(), underlay.overlayMtu());
            Ping.loses0(lab.cB(), Lab.INNER_A, 5, Ping.largest(underlay.overlayMtu(), Lab.INNER_A));
        }
    }

    @Test
    void anMtuOfTheFileStaysAndTheLogSaysWhetherItFits() {
        try (Scene scene = Scene.open(
                Underlay.IPV4_WIRE, lab -> lab.gatewayConfigB().replace("- vni: 42\n", "- vni: 42\n    mtu: 1500\n"))) {
            Lab lab = scene.lab();
            lab.hB().ip("link set uB mtu 1400");
            awaitLog(scene.gateway(), "the mtu 1500 of VNI 42 does not fit any more: the underlay carries 1400");
            assertMtu(lab, scene.gateway(), 1500);
            lab.hB().ip("link set uB mtu 1600");
            awaitLog(scene.gateway(), "the mtu 1500 of VNI 42 fits again");
        }
    }

    /** Until the interface is there, that of Ethernet is taken. */
    @Test
    void itIsKnownWhenTheInterfaceComes() {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.hB().ip("link delete uB");
            try (GatewayProcess b = GatewayProcess.startWaiting(lab.hB(), lab.gatewayConfigB())) {
                awaitMtu(lab, b, 1450);
                lab.connect(lab.hA(), "uA", lab.vtepA(), lab.hB(), "uB", lab.vtepB());
                awaitMtu(lab, b, 1550);
            }
        }
    }

    private static void awaitLog(GatewayProcess gateway, String text) {
        Await.until(
                LIMIT,
                "the log says: " + text,
                () -> gateway.log().stream().anyMatch(line -> line.contains(text)),
                gateway::toString);
    }

    /** Of VNI, port and device. */
    private static void awaitMtu(Lab lab, GatewayProcess gateway, int mtu) {
        long begin = System.nanoTime();
        Await.until(
                LIMIT,
                "the MTU is " + mtu,
                () -> gateway.row("vni", "vni", "42").path("mtu").asInt() == mtu,
                () -> gateway.json("vni", "list"));
        long millis = (System.nanoTime() - begin) / 1_000_000;
        Figures.print("%s MTU %d after %d ms".formatted(lab.underlay(), mtu, millis));
        assertMtu(lab, gateway, mtu);
    }

    private static void assertMtu(Lab lab, GatewayProcess gateway, int mtu) {
        assertEquals(mtu, gateway.row("vni", "vni", "42").path("mtu").asInt());
        assertEquals(mtu, gateway.port("web").path("mtu").asInt());
        assertMtu(lab.cB(), mtu);
    }

    private static void assertMtu(Namespace container, int mtu) {
        String link = container.ip("link show dev eth0");
        assertTrue(link.contains(" mtu " + mtu + " "), link);
    }
}
