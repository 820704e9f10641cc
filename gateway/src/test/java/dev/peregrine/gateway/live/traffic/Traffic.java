package dev.peregrine.gateway.live.traffic;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.testkit.live.Iperf;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Traffic between a container behind the gateway on host B and one on host A. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class Traffic {
    private static final int PINGS = 100;
    private static final int UDP_PACKETS_PER_SECOND = 100_000;

    private final Underlay underlay;
    private final Scene scene;
    private final Namespace cA;
    private final Namespace cB;

    /** Over a scene that is closed after the tests. */
    public Traffic(Scene scene) {
        this.scene = scene;
        underlay = scene.lab().underlay();
        cA = scene.lab().cA();
        cB = scene.lab().cB();
        scene.lab().enableInnerIpv6();
    }

    public GatewayProcess gateway() {
        return scene.gateway();
    }

    @AfterAll
    void close() {
        scene.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 56, 500, -1})
    void pingLosesNothing(int size) {
        int payload = size >= 0 ? size : Ping.largest(underlay.overlayMtu(), Lab.INNER_B);
        Ping.loses0(cA, Lab.INNER_B, PINGS, payload);
        Ping.loses0(cB, Lab.INNER_A, PINGS, payload);
    }

    @ParameterizedTest
    @ValueSource(ints = {56, -1})
    void ipv6PingLosesNothing(int size) {
        int payload = size >= 0 ? size : Ping.largest(underlay.overlayMtu(), Lab.INNER6_B);
        Ping.loses0(cA, Lab.INNER6_B, PINGS, payload);
        Ping.loses0(cB, Lab.INNER6_A, PINGS, payload);
    }

    @Test
    void addressesResolveFromBothSides() {
        cA.ip("neigh flush all");
        cB.ip("neigh flush all");
        Ping.loses0(cA, Lab.INNER_B, 1, 56);
        cA.ip("neigh flush all");
        cB.ip("neigh flush all");
        Ping.loses0(cB, Lab.INNER_A, 1, 56);
        assertTrue(cA.ip("neigh show").contains(Lab.INNER_B + " dev eth0 lladdr " + Lab.MAC_B));
        assertTrue(cB.ip("neigh show").contains(Lab.INNER_A + " dev eth0 lladdr " + Lab.MAC_A));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tcpFlows(boolean reverse) {
        double bitsPerSecond = new Iperf(cA, cB, Lab.INNER_B, 1).tcp(reverse);
        Figures.print("%s TCP %s: %.2f Gbit/s".formatted(underlay, direction(reverse), bitsPerSecond / 1e9));
        assertTrue(bitsPerSecond > 10e6, () -> bitsPerSecond + " bit/s");
    }

    @Test
    void streamArrivesByteForByte() {
        sendStreams();
    }

    /** A stream of 64 MiB each way, which arrives byte for byte. */
    public void sendStreams() {
        long seed = System.nanoTime();
        Stream.arrivesIntact(cA, cB, Lab.INNER_B, 64 << 20, seed);
        Stream.arrivesIntact(cB, cA, Lab.INNER_A, 64 << 20, seed);
    }

    /** As {@link #sendStreams()}, with at most twice {@code window} bytes on their way. */
    public void sendStreams(int window) {
        long seed = System.nanoTime();
        Stream.arrivesIntact(cA, cB, Lab.INNER_B, 64 << 20, seed, window);
        Stream.arrivesIntact(cB, cA, Lab.INNER_A, 64 << 20, seed, window);
    }

    @Test
    void ipv6StreamArrivesByteForByte() {
        long seed = System.nanoTime();
        Stream.arrivesIntact(cA, cB, Lab.INNER6_B, 16 << 20, seed);
        Stream.arrivesIntact(cB, cA, Lab.INNER6_A, 16 << 20, seed);
    }

    @ParameterizedTest
    @CsvSource({"18,false", "18,true", "1400,false", "1400,true"})
    void lostDatagramsAreAccountedFor(int payload, boolean reverse) {
        var account = UdpAccount.open(scene, reverse);
        Iperf.Udp udp = new Iperf(cA, cB, Lab.INNER_B, 1).udp(reverse, UDP_PACKETS_PER_SECOND, payload);
        account.assertComplete();
        Figures.print("%s UDP %d B %s: %.0f packets/s, %.3f%% lost; %s"
                .formatted(underlay, payload, direction(reverse), udp.packetsPerSecond(), udp.lostPercent(), account));
    }

    private static String direction(boolean reverse) {
        return reverse ? "from the gateway" : "to the gateway";
    }
}
