package dev.peregrine.gateway.live.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.controlplane.evpn.FrrConfiguration;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.traffic.Figures;
import dev.peregrine.testkit.live.Frr;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A gateway that knows nothing but a plane of type evpn, with FRR beside it, and the kernel's VTEP with FRR at the
 * other end: RFC 7432 and RFC 8365 between them, as with any EVPN VTEP of Linux.
 */
@LiveTest
class EvpnTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int AS = 65001;
    private static final int MACS = Integer.getInteger("pg.evpn.macs", 20_000);

    private @Nullable Lab made;
    private @Nullable Frr frrA;
    private @Nullable Frr frrB;
    private @Nullable GatewayProcess started;

    @BeforeEach
    void twoVtepsThatKnowNobody() {
        if (!Frr.isInstalled()) {
            System.err.println("SKIPPED a live test: FRR is not installed (apt-get install frr)");
        }
        Assumptions.assumeTrue(Frr.isInstalled(), "FRR is not installed");
        Lab lab = Lab.create(Underlay.IPV4_WIRE);
        made = lab;
        kernelVtep(lab);
        frrA = Frr.start(lab.hA(), configuration(lab.vtepA(), lab.vtepB()));
        frrB = Frr.start(lab.hB(), configuration(lab.vtepB(), lab.vtepA()));
        started = GatewayProcess.start(
                lab.hB(), """
                underlay: {local: %s, device: uB}
                control:
                  cache: off
                  planes: [{name: bgp, type: evpn, vtyFolder: %s}]
                vnis:
                  - vni: %d
                    control: [bgp]
                    suppressNeighbours: true
                    ports:
                      - {name: web, type: tap, device: eth0, netns: %s, mac: "%s", addresses: [%s/24]}
                """.formatted(lab.vtepB(), frrB.folder(), Lab.VNI, lab.cB(), Lab.MAC_B, Lab.INNER_B));
        lab.enableInnerIpv6();
        await("the plane to be live", () -> isIn("live"));
        await("A's station here", () -> remote().equals(Lab.MAC_A + " " + lab.vtepA() + " static evpn bgp"));
        await("ours at A", () -> forwardingAtA().contains(Lab.MAC_B + " dst " + lab.vtepB()));
    }

    /** A bridge with the container, and a VXLAN device that FRR fills. */
    private static void kernelVtep(Lab lab) {
        int mtu = lab.underlay().overlayMtu();
        lab.hA().ip("link add br42 mtu %d type bridge mcast_snooping 0".formatted(mtu));
        lab.hA()
                .ip("link add vxlan42 mtu %d type vxlan id 42 local %s dstport 4789 nolearning"
                        .formatted(mtu, lab.vtepA()));
        lab.hA()
                .ip("link add p42 mtu %d type veth peer name eth0 mtu %d address %s netns %s"
                        .formatted(mtu, mtu, Lab.MAC_A, lab.cA()));
        for (String port : List.of("vxlan42", "p42")) lab.hA().ip("link set " + port + " master br42 up");
        lab.hA().output("bridge", "link", "set", "dev", "vxlan42", "learning", "off");
        lab.hA().ip("link set br42 up");
        lab.cA().ip("link set eth0 up");
    }

    private static String configuration(String own, String peer) {
        FrrConfiguration.Peer other = new FrrConfiguration.Peer(InetAddress.ofLiteral(peer), AS, "only-here");
        return new FrrConfiguration(AS, (Inet4Address) InetAddress.ofLiteral(own), List.of(other), 1, 3).text();
    }

    @AfterEach
    void close() {
        if (started != null) started.close();
        if (frrB != null) frrB.close();
        if (frrA != null) frrA.close();
        if (made != null) made.close();
    }

    private Lab lab() {
        return Objects.requireNonNull(made);
    }

    private GatewayProcess gateway() {
        return Objects.requireNonNull(started);
    }

    private void await(String what, BooleanSupplier condition) {
        Await.until(PATIENCE, what, condition, () -> remote() + "\n" + gateway().json("control", "list") + gateway());
    }

    private boolean isIn(String state) {
        return row().path("state").asText().equals(state);
    }

    private JsonNode row() {
        return gateway().row("control", "plane", "bgp");
    }

    /** FDB entries behind VTEPs. */
    private String remote() {
        return StreamSupport.stream(gateway().json("fdb", "list").spliterator(), false)
                .filter(row -> !row.path("vtep").asText("").isEmpty())
                .map(EvpnTest::text)
                .collect(Collectors.joining(", "));
    }

    private static String text(JsonNode row) {
        return List.of("mac", "vtep", "state", "origin", "plane").stream()
                .map(field -> row.path(field).asText())
                .collect(Collectors.joining(" "));
    }

    private String forwardingAtA() {
        return lab().hA().output("bridge", "fdb", "show", "dev", "vxlan42");
    }

    @Test
    void bothEndsReachEachOtherAndTheEndWithdrawsAll() {
        await("our membership at A", () -> forwardingAtA().contains("00:00:00:00:00:00 dst " + lab().vtepB()));
        Ping.loses0(lab().cA(), Lab.INNER6_B, 50, 56);
        Ping.loses0(lab().cB(), Lab.INNER6_A, 50, 56);
        assertEquals(
                "ports", gateway().row("vni", "vni", "42").path("learningFrom").asText());
        gateway().close();
        started = null;
        String links = lab().hB().output("ip", "-o", "link");
        assertTrue(!links.contains("pgb42") && !links.contains("pgv42") && !links.contains("pgp42"), links);
        Await.until(PATIENCE, "A to forget us", () -> !forwardingAtA().contains(Lab.MAC_B), this::forwardingAtA);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whileBgpdIsAwayNothingIsLostOnTheWayOut(boolean isOurs) {
        Frr frr = Objects.requireNonNull(isOurs ? frrB : frrA);
        lab().cB().ip("neigh replace " + Lab.INNER6_A + " lladdr " + Lab.MAC_A + " dev eth0 nud permanent");
        String before = state();
        long echoes = echoesAtA();
        int count = 1000;
        CompletableFuture<Command.Result> pings =
                CompletableFuture.supplyAsync(() -> Ping.run(lab().cB(), Lab.INNER6_A, count, 56));
        await("echoes at A", () -> echoesAtA() > echoes);
        frr.killBgpd();
        await("the plane to be away", () -> isIn("away"));
        assertEquals(before, state());
        frr.startBgpd();
        await("the plane to be live again", () -> isIn("live"));
        assertEquals(before, state());
        String said = pings.join().output();
        assertEquals(count, echoesAtA() - echoes, said);
        await("ours at A", () -> forwardingAtA().contains(Lab.MAC_B + " dst " + lab().vtepB()));
        Ping.loses0(lab().cA(), Lab.INNER6_B, 50, 56);
    }

    /** FDB entries behind VTEPs, and moves of entries. */
    private String state() {
        String moves =
                gateway().row("vni", "vni", "" + Lab.VNI).path("fdbMoves").asText();
        return remote() + ", moves " + moves;
    }

    @Test
    void manyMacsComeThoughTheGatewayWasStoppedAndGo(@TempDir Path folder) throws IOException {
        Path added = batch(folder, "add", " static");
        Command.output("kill", "-STOP", "" + gateway().pid());
        try {
            apply(added);
            Await.until(LONG, "all in B's kernel", () -> inKernelOfB() >= MACS, this::inKernelOfB);
        } finally {
            Command.output("kill", "-CONT", "" + gateway().pid());
        }
        double came = secondsUntil("all in the FDB", () -> entries() == MACS + 2);
        boolean isNewsLost = gateway().log().stream().anyMatch(line -> line.contains("dropped news"));
        assertTrue(isNewsLost || MACS < 100_000, gateway()::toString); // fewer are within the socket's buffer
        apply(batch(folder, "del", ""));
        await("removals to wait", () -> row().path("guarded").asInt() > 0);
        assertTrue(entries() > MACS / 2, this::state); // few removals came before they were too many
        double went = secondsUntil("all but the container's to go", () -> {
            gateway().json("control", "resync", "bgp", "now");
            return entries() == 2;
        });
        Figures.print("EVPN, %d MACs, news lost: %s: in the FDB after %.2f s; gone %.2f s after the guard's end"
                .formatted(MACS, isNewsLost, came, went));
        assertTrue(came < 30 && went < 30, () -> came + " s, " + went + " s");
    }

    private Path batch(Path folder, String verb, String more) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < MACS; i++) {
            lines.append("fdb %s 02:44:00:%02x:%02x:%02x dev p42 master%s%n"
                    .formatted(verb, i >> 16, i >> 8 & 255, i & 255, more));
        }
        return Files.writeString(folder.resolve(verb), lines);
    }

    private void apply(Path batch) {
        Command.run(LONG, lab().hA().words("bridge", "-batch", batch.toString()))
                .orFail();
    }

    private long inKernelOfB() {
        return lab().hB()
                .output("bridge", "fdb", "show", "dev", "pgv42")
                .lines()
                .filter(line -> line.contains("self") && line.startsWith("02:44:"))
                .count();
    }

    private int entries() {
        return gateway().status().path("fdbEntries").asInt();
    }

    private double secondsUntil(String what, BooleanSupplier condition) {
        long began = System.nanoTime();
        Await.until(LONG, what, condition, () -> entries() + " entries\n" + gateway());
        return (System.nanoTime() - began) / 1e9;
    }

    /** Echo requests that container A got: the way there alone, whatever A's kernel has for the way back. */
    private long echoesAtA() {
        return lab().cA()
                .output("cat", "/proc/net/snmp6")
                .lines()
                .filter(line -> line.startsWith("Icmp6InEchos "))
                .mapToLong(
                        line -> Long.parseLong(line.substring(line.indexOf(" ")).strip()))
                .sum();
    }
}
