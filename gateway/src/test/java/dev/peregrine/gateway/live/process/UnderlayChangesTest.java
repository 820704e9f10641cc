package dev.peregrine.gateway.live.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.KernelEcho;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.Conformance;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.Figures;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The underlay's interface and address come late, go, and are replaced: gateways follow without a command. */
@Conformance("reported by users")
class UnderlayChangesTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @ParameterizedTest
    @CsvSource({"IPV4_WIRE, native, 1", "IPV6_WIRE, native, 2", "IPV4_WIRE, netty, 1", "IPV6_OFFLOAD, netty, 2"})
    void anInterfaceThatIsMadeAgainIsFollowed(Underlay underlay, String mode, int workers) {
        try (Lab lab = Lab.create(underlay);
                GatewayProcess a = GatewayProcess.start(lab.hA(), lab.gatewayConfigA());
                GatewayProcess b = GatewayProcess.start(lab.hB(), config(lab, mode, workers))) {
            losesNothing(lab, lab.cA(), Lab.INNER6_B, 10, 56);
            long sent = b.status().path("txPackets").asLong();
            lab.hB().ip("link delete uB");
            awaitWaiting(b, "there is no interface uB");
            awaitWaiting(a, "there is no interface uA");
            assertEquals("waiting", b.status().path("state").asText());
            Command.run(lab.cB().words("ping", "-c", "3", "-i", "0.1", "-W", "1", Lab.INNER_A));
            assertTrue(b.drops().getOrDefault("UNDERLAY_DOWN", 0L) > 0, b::counters);
            connect(lab);
            awaitTraffic(lab, "the interface is back");
            awaitUp(b);
            losesNothing(lab, lab.cB(), Lab.INNER6_A, 20, 1000);
            assertTrue(b.status().path("txPackets").asLong() > sent, "it goes on counting");
            lab.hB().ip("link delete uB");
            connect(lab); // perhaps before anybody has looked
            awaitTraffic(lab, "another interface has the name");
            losesNothing(lab, lab.cA(), Lab.INNER6_B, 20, 1000);
            assertTrue(hasLogged(b, "waiting for the underlay: there is no interface uB"), b::toString);
            assertTrue(hasLogged(b, " is up"), b::toString);
        }
    }

    private static String config(Lab lab, String mode, int workers) {
        return lab.gatewayConfigB().replace("device: uB", "device: uB, mode: " + mode) + "workers: {count: " + workers
                + "}\n";
    }

    private static void connect(Lab lab) {
        lab.connect(lab.hA(), "uA", lab.vtepA(), lab.hB(), "uB", lab.vtepB());
    }

    @ParameterizedTest
    @CsvSource({"IPV4_WIRE, true", "IPV4_WIRE, false", "IPV6_WIRE, true", "IPV6_WIRE, false"})
    void anAddressThatIsTakenAwayAndGivenAgainIsFollowed(Underlay underlay, boolean device) {
        try (Scene scene = Scene.open(
                underlay,
                lab -> device ? lab.gatewayConfigB() : lab.gatewayConfigB().replace(", device: uB", ""))) {
            Lab lab = scene.lab();
            losesNothing(lab, lab.cA(), Lab.INNER6_B, 10, 56);
            lab.hB().ip(address(lab, "delete", ""));
            awaitWaiting(scene.gateway(), "no interface here has the address " + lab.vtepB());
            lab.hB().ip(address(lab, "add", underlay.ipv6() ? " nodad" : ""));
            awaitTraffic(lab, "the address is back, " + (device ? "with" : "without") + " a device");
            awaitUp(scene.gateway());
            losesNothing(lab, lab.cB(), Lab.INNER6_A, 20, 1000);
        }
    }

    private static String address(Lab lab, String change, String more) {
        return "address %s %s/%d dev uB%s"
                .formatted(change, lab.vtepB(), lab.underlay().prefixLength(), more);
    }

    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE"})
    void anInterfaceThatIsDownIsWaitedFor(Underlay underlay) {
        try (Scene scene = Scene.open(underlay)) {
            Lab lab = scene.lab();
            losesNothing(lab, lab.cA(), Lab.INNER6_B, 10, 56);
            lab.hB().ip("link set uB down");
            awaitWaiting(scene.gateway(), "interface uB is down");
            lab.hB().ip("link set uB up");
            if (underlay.ipv6()) {
                awaitWaiting(scene.gateway(), "no interface here has the address"); // the kernel took it
                lab.hB().ip(address(lab, "add", " nodad"));
            }
            awaitTraffic(lab, "the interface is up");
            awaitUp(scene.gateway());
        }
    }

    @Test
    void aRenamedInterfaceIsWaitedForUnderItsName() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE)) {
            Lab lab = scene.lab();
            lab.hB().ip("link set uB name elsewhere");
            awaitWaiting(scene.gateway(), "there is no interface uB");
            lab.hB().ip("link set elsewhere name uB");
            awaitTraffic(lab, "the interface has its name again");
            awaitUp(scene.gateway());
        }
    }

    @Test
    void anAddressThatMovesToAnotherInterfaceIsFollowed() {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.connect(lab.hA(), "vA", "198.18.7.1", lab.hB(), "vB", "198.18.7.2");
            try (GatewayProcess a =
                            GatewayProcess.start(lab.hA(), lab.gatewayConfigA().replace(", device: uA", ""));
                    GatewayProcess b =
                            GatewayProcess.start(lab.hB(), lab.gatewayConfigB().replace(", device: uB", ""))) {
                losesNothing(lab, lab.cA(), Lab.INNER6_B, 10, 56);
                for (String end : new String[] {"A 1", "B 2"}) {
                    Namespace host = end.startsWith("A") ? lab.hA() : lab.hB();
                    String name = end.substring(0, 1);
                    String address = lab.underlay().address(end.charAt(2) - '0') + "/24";
                    host.ip("address delete %s dev u%s".formatted(address, name));
                    host.ip("address add %s dev v%s".formatted(address, name));
                }
                awaitTraffic(lab, "the addresses are on other interfaces");
                awaitUp(a);
                awaitUp(b);
                Await.until(
                        LIMIT,
                        "the losses of the other interface are shown",
                        () -> b.status().path("kernelCounters").toString().contains("\"vB rx_dropped\""),
                        b::status);
                losesNothing(lab, lab.cA(), Lab.INNER6_B, 20, 1000);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE"})
    void aGatewayStartsBeforeItsInterface(Underlay underlay) {
        try (Lab lab = Lab.create(underlay)) {
            lab.hB().ip("link delete uB");
            try (GatewayProcess b = GatewayProcess.startWaiting(lab.hB(), lab.gatewayConfigB())) {
                awaitLog(b, "waiting for the underlay: there is no interface uB");
                assertEquals("waiting", b.status().path("underlayState").asText());
                assertTrue(b.log().stream().noneMatch(line -> line.startsWith("ready")), b::toString);
                connect(lab);
                lab.kernelVtepA();
                awaitTraffic(lab, "the interface came");
                awaitReady(b);
                losesNothing(lab, lab.cB(), Lab.INNER6_A, 20, 1000);
            }
        }
    }

    @Test
    void aGatewayStartsWithATentativeAddress() {
        try (Lab lab = Lab.create(Underlay.IPV6_WIRE)) {
            lab.kernelVtepA();
            lab.hB().write("/proc/sys/net/ipv6/conf/uB/dad_transmits", "4");
            lab.hB().ip(address(lab, "delete", ""));
            lab.hB().ip("link set uB down"); // detection begins anew when it is up
            try (GatewayProcess b = GatewayProcess.startWaiting(lab.hB(), lab.gatewayConfigB())) {
                awaitLog(b, "waiting for the underlay: interface uB is down");
                lab.hB().ip("link set uB up");
                awaitLog(b, "waiting for the underlay: no interface here has the address");
                lab.hB().ip(address(lab, "add", ""));
                awaitLog(b, "is tentative: duplicate address detection has not ended");
                awaitReady(b);
                awaitTraffic(lab, "the address may be used");
            }
        }
    }

    @Test
    void aDuplicateAddressIsSaidToBeOne() {
        try (Lab lab = Lab.create(Underlay.IPV6_WIRE)) {
            lab.hA().ip("address add %s/64 dev uA nodad".formatted(lab.vtepB()));
            lab.hB().ip(address(lab, "delete", ""));
            lab.hB().ip(address(lab, "add", ""));
            try (GatewayProcess b = GatewayProcess.startWaiting(lab.hB(), lab.gatewayConfigB())) {
                awaitLog(b, "another host has " + lab.vtepB());
            }
        }
    }

    @Test
    void aUdpPortThatIsHeldWhenTheAddressComesIsTakenWhenItIsFree() {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.hB().ip("link add holder type vxlan id 7 dev uB local %s dstport 4789".formatted(lab.vtepB()));
            lab.hB().ip("link set holder up");
            lab.hB().ip(address(lab, "delete", ""));
            lab.kernelVtepA();
            try (GatewayProcess b = GatewayProcess.startWaiting(lab.hB(), lab.gatewayConfigB())) {
                lab.hB().ip(address(lab, "add", ""));
                awaitLog(b, "the kernel VXLAN device holder (VNI 7) holds UDP port 4789");
                lab.hB().ip("link delete holder");
                awaitReady(b);
                awaitTraffic(lab, "the port is free");
            }
        }
    }

    @Test
    void containerAndAddressComeInAnyOrder() {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            lab.hB().ip(address(lab, "delete", ""));
            String config = lab.gatewayConfigB() + """
                          - {name: late, type: tap, device: eth0, netns: %s, addresses: [198.19.0.3/24]}
                    """.formatted(lab.cB().name().replace("cB", "late"));
            try (GatewayProcess b = GatewayProcess.startWaiting(lab.hB(), config)) {
                awaitLog(b, "waiting for the underlay: no interface here has the address");
                lab.add("late");
                Await.until(
                        LIMIT,
                        "the port is up",
                        () -> b.port("late").path("state").asText().equals("up"),
                        b::toString);
                lab.hB().ip(address(lab, "add", ""));
                awaitReady(b);
                awaitTraffic(lab, "the address came last");
                Ping.loses0(lab.cA(), "198.19.0.3", 10, 56);
            }
        }
    }

    /** The gateway, which was launched, says that it is ready, once. */
    private static void awaitReady(GatewayProcess gateway) {
        Await.until(
                LIMIT,
                "ready",
                () -> gateway.log().stream().anyMatch(line -> line.startsWith("ready")),
                gateway::toString);
        assertEquals("ready", gateway.status().path("state").asText());
    }

    private static boolean hasLogged(GatewayProcess gateway, String text) {
        return gateway.log().stream().anyMatch(line -> line.contains(text));
    }

    private static void awaitLog(GatewayProcess gateway, String text) {
        Await.until(LIMIT, "the log says: " + text, () -> hasLogged(gateway, text), gateway::toString);
    }

    private static void awaitWaiting(GatewayProcess gateway, String reason) {
        await(
                gateway,
                "waiting",
                () -> gateway.status().path("underlayReason").asText().contains(reason));
        awaitLog(gateway, "waiting for the underlay: " + reason);
    }

    private static void awaitUp(GatewayProcess gateway) {
        await(
                gateway,
                "up",
                () -> gateway.status().path("underlayState").asText().equals("up"));
        assertEquals("ready", gateway.status().path("state").asText());
        assertTrue(gateway.status().path("underlayReason").isNull());
    }

    private static void await(GatewayProcess gateway, String what, BooleanSupplier condition) {
        Await.until(LIMIT, "the underlay is " + what, condition, gateway::status);
    }

    /** Over IPv6, which the kernel answers even where {@link KernelEcho} is silent. */
    private static void losesNothing(Lab lab, Namespace from, String to, int count, int payload) {
        lab.enableInnerIpv6();
        Ping.loses0(from, to, count, payload);
    }

    private static void awaitTraffic(Lab lab, String since) {
        lab.enableInnerIpv6();
        long begin = System.nanoTime();
        Await.until(
                LIMIT,
                "traffic, since " + since,
                () -> Command.run(lab.cB().words("ping", "-n", "-c", "1", "-W", "0.2", Lab.INNER6_A))
                                .exit()
                        == 0,
                () -> "none");
        long millis = (System.nanoTime() - begin) / 1_000_000;
        Figures.print("%s %s: traffic after %d ms".formatted(lab.underlay(), since, millis));
    }
}
