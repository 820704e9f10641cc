package dev.peregrine.gateway.live.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.KernelEcho;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.Figures;
import dev.peregrine.gateway.live.traffic.FrameSocket;
import dev.peregrine.gateway.live.traffic.Offer;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Losses behind the underlay's sockets are in the ledger: sent = arrived + drops. */
@LiveTest
class LedgerTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Less than the kernel parks for a neighbour. It sends 50 ICMP errors at once, and one may count as up to two. */
    private static final int FEW = 20;

    private static final int MANY = 8000;
    private static final int LENGTH = 1400;
    private static final long MAC_A = 0x0200_0000_0001L;
    private static final long MAC_B = 0x0200_0000_0002L;
    private static final int FLOWS = 50;

    @ParameterizedTest
    @EnumSource(names = {"IPV4_OFFLOAD", "IPV4_WIRE", "IPV6_OFFLOAD"})
    void aShapedUnderlayRefusesAndEachDatagramIsCounted(Underlay underlay) {
        try (Scene scene = Scene.open(underlay)) {
            Offer.warmUp(scene);
            shape(scene, "rate 10mbit burst 100kb limit 300kb");
            try (Offer offer = Offer.open(scene)) {
                for (int i = 0; i < MANY; i++) offer.send(Offer.unicast(i / 100 % FLOWS, LENGTH));
                offer.assertComplete();
                Figures.print("%s, shaped to 10 Mbit/s: %s".formatted(underlay, offer));
                assertTrue(offer.drops().getOrDefault("UNDERLAY_FULL", 0L) > 0, offer::toString);
                assertError(scene, "ENOBUFS");
            }
        }
    }

    @Test
    void aFullSocketRefusesAndEachDatagramIsCounted() {
        try (Scene scene = Scene.open(Underlay.IPV4_OFFLOAD)) {
            Offer.warmUp(scene);
            shape(scene, "rate 20mbit burst 100kb limit 1gb");
            try (Offer offer = Offer.open(scene)) {
                for (int i = 0; i < 3 * MANY; i++) offer.send(Offer.unicast(0, LENGTH));
                offer.assertComplete();
                assertTrue(offer.drops().getOrDefault("UNDERLAY_FULL", 0L) > 0, offer::toString);
                assertError(scene, "EAGAIN");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"IPV4_OFFLOAD", "IPV6_OFFLOAD"})
    void aNeighbourThatNeverAnswersCostsWhatWasParkedForItAndThatIsCounted(Underlay underlay) {
        if (!underlay.ipv6()) KernelEcho.assumeAnswered();
        try (Scene scene = Scene.open(underlay, lab -> withFlood(lab, underlay.address(99)))) {
            awaitAnnouncementLost(scene);
            try (Offer offer = Offer.open(scene)) {
                sendSingly(offer, FEW);
                offer.assertComplete();
                assertEquals(FEW, offer.drops().get("UNDERLAY_UNREACHABLE"), offer::toString);
                assertError(scene, "EHOSTUNREACH");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"IPV4_OFFLOAD", "IPV6_OFFLOAD"})
    void aClosedPortAtTheFarEndIsCountedAndCostsNoOtherVtep(Underlay underlay) {
        if (!underlay.ipv6()) KernelEcho.assumeAnswered();
        try (Scene scene = Scene.open(underlay, lab -> withFlood(lab, lab.vtepA(), closed(lab, 7)))) {
            Lab lab = scene.lab();
            addHostWithoutVtep(lab);
            try (Offer offer = Offer.open(scene)) {
                sendSingly(offer, FEW);
                Await.until(
                        LIMIT,
                        "all arrived at the living VTEP, and all errors of the other are counted",
                        () -> offer.arrived() == FEW && offer.drops().getOrDefault("UNDERLAY_UNREACHABLE", 0L) >= FEW,
                        offer::toString);
                assertEquals(FEW, offer.drops().get("UNDERLAY_UNREACHABLE"), offer::toString);
                assertEquals(1, offer.drops().size(), offer::toString);
                assertError(scene, "ECONNREFUSED");
            }
        }
    }

    /** An address in a network between host B and another. */
    private static String closed(Lab lab, int host) {
        return lab.underlay().ipv6() ? "fd18:7::" + host : "198.18.7." + host;
    }

    /** Nothing receives on it, and it says so as often as it is asked. */
    private static void addHostWithoutVtep(Lab lab) {
        Namespace host = lab.add("hC");
        boolean ipv6 = lab.underlay().ipv6();
        lab.connect(lab.hB(), "uC", closed(lab, 2), host, "uD", closed(lab, 7));
        host.ip("route add %s/%d via %s"
                .formatted(lab.underlay().address(0), lab.underlay().prefixLength(), closed(lab, 2)));
        host.write("/proc/sys/net/" + (ipv6 ? "ipv6/icmp/ratelimit" : "ipv4/icmp_ratelimit"), "0");
    }

    @Test
    void aFirewallOnOutputIsCountedAndNamed() {
        Live.requirePrograms("nftables", "nft");
        try (Scene scene = Scene.open(Underlay.IPV4_OFFLOAD)) {
            Offer.warmUp(scene);
            for (String verdict : List.of("drop", "reject")) {
                String rules = "table ip wall { chain out { type filter hook output priority 0; udp dport 4789 %s; }; }"
                        .formatted(verdict);
                assume(Command.run(scene.lab().hB().words("nft", rules)), "nft with a kernel that has nf_tables");
                try (Offer offer = Offer.open(scene)) {
                    for (int i = 0; i < FEW; i++) offer.send(Offer.unicast(i % FLOWS, LENGTH));
                    offer.assertComplete();
                    assertEquals(FEW, offer.drops().get("UNDERLAY_REFUSED"), offer::toString);
                }
                scene.lab().hB().output("nft", "delete table ip wall");
            }
            assertError(scene, "EPERM");
            Offer.warmUp(scene);
        }
    }

    @Test
    void aDeviceThatIsDownIsNamedInPortListAndLog() {
        try (Scene scene = Scene.open(Underlay.IPV4_OFFLOAD)) {
            Lab lab = scene.lab();
            lab.cB().ip("link set eth0 down");
            try (FrameSocket cA = FrameSocket.open(lab.cA(), "eth0")) {
                cA.send(FrameBuilder.udp4().macs(MAC_B, MAC_A).payload(100).build());
            }
            Await.until(
                    LIMIT,
                    "port list and the log have EIO",
                    () -> scene.gateway().port("web").path("lastError").asText().startsWith("EIO")
                            && scene.gateway().log().stream()
                                    .anyMatch(line -> line.contains("port web: its device refuses frames: EIO")),
                    () -> scene.gateway().json("port", "list") + "\n"
                            + scene.gateway().log());
        }
    }

    /** Each longer than the one before, so that none is merged with another: an ICMP error is about one message. */
    private static void sendSingly(Offer offer, int count) {
        for (int i = 0; i < count; i++) offer.send(Offer.broadcast(0, 100 + i));
    }

    private static void shape(Scene scene, String tbf) {
        assume(
                Command.run(scene.lab().hB().words(("tc qdisc add dev uB root tbf " + tbf).split(" "))),
                "tc with a kernel that has tbf");
    }

    private static void assume(Command.Result result, String what) {
        if (result.exit() != 0) System.err.println("SKIPPED a live test: it needs " + what + ": " + result);
        Assumptions.assumeTrue(result.exit() == 0, what);
    }

    /**
     * With these VTEPs, and sockets bound to no device: such are not told by the kernel that a neighbour of IPv4 does
     * not answer, since the news comes by loopback.
     */
    private static String withFlood(Lab lab, String... vteps) {
        return lab.gatewayConfigB()
                .replace(", device: uB", "")
                .replace("flood: [\"" + lab.vtepA() + "\"", "flood: [\"" + String.join("\", \"", vteps) + "\"");
    }

    /** The port has announced its address, to a VTEP that is not there: that is counted before the test counts. */
    private static void awaitAnnouncementLost(Scene scene) {
        GatewayProcess gateway = scene.gateway();
        Await.until(
                LIMIT,
                "the announcement is counted as lost",
                () -> {
                    long taken = gateway.port("web").path("rxPackets").asLong();
                    return taken > 0 && gateway.drops().getOrDefault("UNDERLAY_UNREACHABLE", 0L) == taken;
                },
                gateway::counters);
    }

    /** {@code vtep list} and the log name the error. */
    private static void assertError(Scene scene, String errno) {
        Await.until(
                LIMIT,
                "vtep list and the log have " + errno,
                () -> scene.gateway().json("vtep", "list").toString().contains(errno)
                        && scene.gateway().log().stream()
                                .anyMatch(line -> line.contains("datagrams to VTEP") && line.contains(errno)),
                () -> scene.gateway().json("vtep", "list") + "\n"
                        + scene.gateway().log());
    }
}
