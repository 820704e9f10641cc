package dev.peregrine.gateway.live.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.KernelEcho;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.Conformance;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.BridgeWorld;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Senders whose frames do not fit are told the MTU, by ICMP that their kernels believe. */
@Conformance("kernel pmtu.sh")
class MtuTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final long STREAM_BYTES = 8 << 20;

    /** An address of container A that no host has sent to yet. */
    private static final String OTHER = "fd19::11";

    private static final String INNER_C = "198.19.0.3";

    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE"})
    void aContainerLearnsWhatTheUnderlayCarries(Underlay underlay) {
        try (Scene scene = Scene.open(underlay)) {
            Lab lab = scene.lab();
            lab.enableInnerIpv6();
            lab.cB().ip("link set eth0 mtu 2000");
            assertLearns(lab.cB(), Lab.INNER6_A, underlay.overlayMtu());
            assertLearns(lab.cB(), Lab.INNER_A, underlay.overlayMtu());
            assertTrue(scene.gateway().drops().getOrDefault("MTU_EXCEEDED", 0L) > 0);
            Ping.loses0(lab.cB(), Lab.INNER6_A, 3, Ping.largest(underlay.overlayMtu(), Lab.INNER6_A));
        }
    }

    @Test
    void aContainerIsToldOverIpv4() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE)) {
            Lab lab = scene.lab();
            try (var capture = BackgroundProcess.start(
                    lab.cB().words("tcpdump", "-n", "-l", "--immediate-mode", "-i", "eth0", "icmp[0] = 3"))) {
                capture.awaitLine(LIMIT, "listening", line -> line.contains("listening on"));
                Await.until(
                        LIMIT,
                        "news",
                        () -> {
                            lab.cB().ip("link set eth0 mtu 2000"); // which the gateway takes back
                            Command.run(lab.cB()
                                    .words("ping", "-c", "1", "-W", "1", "-M", "do", "-s", "1800", Lab.INNER_A));
                            return capture.lines().stream().anyMatch(line -> line.contains("ICMP"));
                        },
                        capture::toString);
                String news = capture.awaitLine(LIMIT, "ICMP", line -> line.contains("ICMP"));
                assertTrue(
                        news.contains(Lab.INNER_A + " > " + Lab.INNER_B) && news.contains("need to frag (mtu 1550)"),
                        news);
                capture.terminate();
            }
        }
    }

    @Test
    void aRemoteContainerLearnsTheMtuOfAPort() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, withVni("mtu: 1400"))) {
            Lab lab = scene.lab();
            lab.enableInnerIpv6();
            assertLearns(lab.cA(), Lab.INNER6_B, 1400);
            assertLearns(lab.cA(), Lab.INNER_B, 1400);
            Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER6_B, STREAM_BYTES, 1);
            Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, STREAM_BYTES, 2);
        }
    }

    /** To a VNI whose MTU is fixed; with {@code mtu: auto} it would follow, see {@link UnderlayMtuTest}. */
    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE"})
    void aNarrowPathOfTheUnderlayIsNews(Underlay underlay) {
        try (Scene scene = Scene.open(underlay, withVni("mtu: " + underlay.overlayMtu()))) {
            Lab lab = scene.lab();
            lab.enableInnerIpv6();
            Ping.loses0(lab.cB(), Lab.INNER6_A, 1, Ping.largest(underlay.overlayMtu(), Lab.INNER6_A));
            lab.hB().ip("route add %s dev uB mtu 1420".formatted(lab.vtepA()));
            int overhead = Underlay.MTU - underlay.overlayMtu();
            assertLearns(lab.cB(), Lab.INNER6_A, 1420 - overhead);
            assertLearns(lab.cB(), Lab.INNER_A, 1420 - overhead);
            assertTrue(scene.gateway().drops().getOrDefault("UNDERLAY_REFUSED", 0L) > 0);
            Stream.arrivesIntact(lab.cB(), lab.cA(), Lab.INNER6_A, STREAM_BYTES, 1);
            lab.hB().ip("route del %s dev uB mtu 1420".formatted(lab.vtepA()));
            Await.until(
                    Duration.ofSeconds(20),
                    "the path is wide again",
                    () -> scene.gateway().log().stream().anyMatch(line -> line.contains("more fit again")),
                    scene.gateway()::log);
            lab.cA().ip("address add %s/64 dev eth0 nodad".formatted(OTHER));
            Ping.loses0(lab.cB(), OTHER, 1, Ping.largest(underlay.overlayMtu(), OTHER));
        }
    }

    /** As the original has it: a router between the VTEPs tells the sender's host, and that the sender. */
    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE"})
    void aRouterOfTheUnderlayIsBelieved(Underlay underlay) {
        if (!underlay.ipv6()) KernelEcho.assumeAnswered(); // which shows that this kernel sends ICMP
        try (BridgeWorld world = new BridgeWorld(underlay, 4789, "")) {
            world.hC.ip("link set uC mtu 1420");
            world.lab.hA().ip("link set rC mtu 1420");
            int overhead = Underlay.MTU - underlay.overlayMtu();
            assertLearns(world.lab.cB(), BridgeWorld.INNER6_C, 1420 - overhead);
            assertLearns(world.lab.cB(), INNER_C, 1420 - overhead);
            Stream.arrivesIntact(world.lab.cB(), world.cC, BridgeWorld.INNER6_C, STREAM_BYTES, 1);
            assertFalse(knows(world.lab.cB(), Lab.INNER6_A, 1420 - overhead), "the other path is as wide as before");
        }
    }

    @Test
    void clampedConnectionsSendNothingTooLong() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, withVni("mtu: 1400, mssClamp: true"))) {
            Lab lab = scene.lab();
            lab.enableInnerIpv6();
            Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, STREAM_BYTES, 1);
            Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER6_B, STREAM_BYTES, 2);
            Stream.arrivesIntact(lab.cB(), lab.cA(), Lab.INNER6_A, STREAM_BYTES, 3);
            assertEquals(0, scene.gateway().drops().get("MTU_EXCEEDED"));
        }
    }

    /** A gateway on host B whose VNI has more keys. */
    private static Function<Lab, String> withVni(String keys) {
        return lab ->
                lab.gatewayConfigB().replace("- vni: 42\n", "- vni: 42\n    " + keys.replace(", ", "\n    ") + "\n");
    }

    /** Sends long datagrams until the kernel of the sender knows the path's MTU. */
    private static void assertLearns(Namespace from, String to, int mtu) {
        Await.until(
                LIMIT,
                "path MTU " + mtu + " from " + from + " to " + to,
                () -> {
                    for (String size : List.of("1480", "1800"))
                        Command.run(from.words("ping", "-n", "-q", "-c", "1", "-W", "0.2", "-M", "do", "-s", size, to));
                    return knows(from, to, mtu);
                },
                () -> from.ip("route get " + to));
    }

    private static boolean knows(Namespace from, String to, int mtu) {
        return from.ip("route get " + to).contains(" mtu " + mtu + " ");
    }
}
