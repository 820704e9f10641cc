package dev.peregrine.gateway.live.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.Reference;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.Conformance;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.Figures;
import dev.peregrine.gateway.live.traffic.FrameSocket;
import dev.peregrine.testkit.Resolution;
import dev.peregrine.testkit.live.KernelVtep;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A host behind one VTEP dies, and another behind a second VTEP takes its address over and says nothing by itself. The
 * asker's kernel finds out by asking: suppression must not keep it from doing so.
 *
 * <pre>
 *  cA (dies)        hA 198.18.0.1 ═══ 198.18.0.2
 *                                                hB[gateway under test] ─ cB (asks)
 *  cC (takes over)  hC 198.18.1.1 ═══ 198.18.1.2
 * </pre>
 */
@Conformance("reported by users")
class TakeOverTest {
    private static final String NEW_MAC = "02:00:00:00:00:53";
    private static final long NEW_MAC_BITS = 0x0200_0000_0053L;
    private static final long MAC_A_BITS = 0x0200_0000_0001L;
    private static final long ASKER = 0x0200_0000_0077L;
    private static final String VTEP_C = "198.18.1.1";

    /**
     * The asker's settings, and the longest that its kernel goes by an answer: 1.5 times, then the first probe, then
     * three.
     */
    private static final int REACHABLE_MILLIS = Integer.getInteger("peregrine.takeover.reachableMillis", 1000);

    private static final int FIRST_PROBE_SECONDS = Integer.getInteger("peregrine.takeover.firstProbeSeconds", 1);
    private static final int PROBES = 3;
    private static final Duration OWN_TIMEOUT =
            Duration.ofMillis(REACHABLE_MILLIS * 3L / 2).plusSeconds(FIRST_PROBE_SECONDS + PROBES);
    private static final int IPV4 = 0x0800;
    private static final int ARP = 0x0806;
    private static final int ARP_OPERATION = 21;
    private static final int IPV6 = 0x86dd;
    private static final int ICMPV6 = 54;
    private static final int ECHO_REQUEST = 128;
    private static final int ADVERTISEMENT = 136;
    private static final Duration MARGIN = Duration.ofSeconds(2);

    @ParameterizedTest
    @CsvSource({"false, 4", "true, 4", "false, 6", "true, 6"})
    void aSilentTakeOverIsFoundAsSoonAsWithoutSuppression(boolean suppress, int family) {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, lab -> config(lab, suppress))) {
            Lab lab = scene.lab();
            String address = family == 4 ? Lab.INNER_A : Lab.INNER6_A;
            if (family == 6) lab.enableInnerIpv6();
            Namespace successor = successor(lab);
            askQuickly(lab.cB(), "ipv" + family);
            Await.until(
                    Duration.ofSeconds(10),
                    "the first host is found",
                    () -> asks(lab.cB(), address).contains(Lab.MAC_A),
                    () -> lab.cB().ip("neigh show"));
            try (FrameSocket arriving = FrameSocket.open(successor, "eth0")) {
                lab.cA().ip("link set eth0 down");
                takeOver(successor, address);
                long begin = System.nanoTime();
                Await.until(
                        OWN_TIMEOUT.plus(MARGIN),
                        "packets for " + address + " arrive at the host that has it now",
                        () -> {
                            asks(lab.cB(), address);
                            return !arriving.received(TakeOverTest::isForSuccessor)
                                    .isEmpty();
                        },
                        () -> lab.cB().ip("neigh show"));
                long millis = (System.nanoTime() - begin) / 1_000_000;
                Figures.print("IPv%d take-over, suppression %s: found after %d ms, the asker's own time-out %d ms"
                        .formatted(family, suppress ? "on" : "off", millis, OWN_TIMEOUT.toMillis()));
            }
            assertTrue(asks(lab.cB(), address).contains(NEW_MAC), () -> lab.cB().ip("neigh show"));
        }
    }

    /**
     * The asker's kernel probes a host that lives for a while, and the host answers: another asker gets no flood for
     * that.
     */
    @ParameterizedTest
    @ValueSource(ints = {4, 6})
    void aHostThatAnswersProbesIsStillSpokenFor(int family) {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, lab -> config(lab, true))) {
            Lab lab = scene.lab();
            Resolution resolution = family == 4 ? Resolution.ARP : Resolution.NEIGHBOUR_DISCOVERY;
            String address = family == 4 ? Lab.INNER_A : Lab.INNER6_A;
            if (family == 6) lab.enableInnerIpv6();
            askQuickly(lab.cB(), "ipv" + family);
            try (FrameSocket answers = FrameSocket.open(lab.cB(), "eth0");
                    FrameSocket host = FrameSocket.open(lab.cA(), "eth0")) {
                Await.until(
                        Duration.ofSeconds(20),
                        "the host has answered a question and three probes",
                        () -> {
                            asks(lab.cB(), address);
                            return answers.received(TakeOverTest::isReply).size() >= 1 + PROBES;
                        },
                        () -> lab.cB().ip("neigh show"));
                String asker = family == 4 ? "198.19.0.77" : "fd19::77";
                byte[] reply = resolution.reply(ASKER, asker, MAC_A_BITS, address);
                answers.send(resolution.request(ASKER, asker, address));
                answers.await(frame -> Arrays.equals(frame, reply), 1);
                assertEquals(
                        List.of(),
                        host.received(frame -> mac(frame, 6) == ASKER).stream()
                                .map(Arrays::toString)
                                .toList(),
                        "the question went to the host");
            }
        }
    }

    /** Of the first host: an ARP reply or a neighbour advertisement. */
    private static boolean isReply(byte[] frame) {
        int type = Reference.getShort(frame, 12);
        boolean isReply =
                (type == ARP && frame[ARP_OPERATION] == 2) || (type == IPV6 && (frame[ICMPV6] & 0xff) == ADVERTISEMENT);
        return isReply && mac(frame, 6) == MAC_A_BITS;
    }

    private static long mac(byte[] frame, int at) {
        return (long) Reference.getShort(frame, at) << 32 | Integer.toUnsignedLong(Reference.getInt(frame, at + 2));
    }

    private static String config(Lab lab, boolean suppress) {
        return lab.gatewayConfigB()
                .replace(", device: uB", "")
                .replace("flood: [", "suppressNeighbours: " + suppress + "\n    flood: [\"" + VTEP_C + "\", ");
    }

    /** Host C with the kernel's VTEP, and the container of the successor, which has no address yet. */
    private static Namespace successor(Lab lab) {
        Namespace host = lab.add("hC");
        Namespace container = lab.add("cC");
        lab.connect(host, "uC", VTEP_C, lab.hB(), "uB2", "198.18.1.2");
        host.ip("route add " + lab.vtepB() + " via 198.18.1.2");
        KernelVtep vtep = KernelVtep.add(host, Lab.VNI, lab.underlay().overlayMtu(), "uC", VTEP_C, lab.vtepB());
        vtep.attach(container, NEW_MAC, "198.19.0.3");
        return container;
    }

    private static void takeOver(Namespace successor, String address) {
        boolean ipv6 = address.contains(":");
        if (ipv6) successor.enableIpv6("eth0");
        successor.ip("address add %s/%s dev eth0%s".formatted(address, ipv6 ? "64" : "24", ipv6 ? " nodad" : ""));
    }

    private static void askQuickly(Namespace asker, String family) {
        String settings = "/proc/sys/net/" + family + "/neigh/eth0/";
        asker.write(settings + "base_reachable_time_ms", "" + REACHABLE_MILLIS);
        asker.write(settings + "delay_first_probe_time", "" + FIRST_PROBE_SECONDS);
        asker.write(settings + "ucast_solicit", "" + PROBES);
    }

    /** Sends a packet to an address; returns what the kernel knows about it then. */
    private static String asks(Namespace from, String address) {
        Command.run(from.words(List.of("ping", "-n", "-q", "-c", "1", "-W", "0.1", address)));
        return from.ip("neigh show " + address + " dev eth0");
    }

    /** Not a probe, which goes to whom it is about. */
    private static boolean isForSuccessor(byte[] frame) {
        int type = Reference.getShort(frame, 12);
        boolean carries = type == IPV4 || (type == IPV6 && (frame[ICMPV6] & 0xff) == ECHO_REQUEST);
        return carries && mac(frame, 0) == NEW_MAC_BITS;
    }
}
