package dev.peregrine.gateway.live.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.FrameSocket;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.gateway.live.traffic.Traffic;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Ports at one end of a veth pair, which a hidden TAP is joined to by BPF programs. */
@LiveTest
class VethPortTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final List<String> NONE = List.of();

    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    @Nested
    class Ipv4Wire extends Traffic {
        Ipv4Wire() {
            super(scene(Underlay.IPV4_WIRE, VethPortTest::config));
        }
    }

    @Nested
    class Ipv6Offload extends Traffic {
        Ipv6Offload() {
            super(scene(Underlay.IPV6_OFFLOAD, VethPortTest::config));
        }
    }

    /** Nested classes are made before the outer one's condition is looked at. */
    private static Scene scene(Underlay underlay, Function<Lab, String> config) {
        Live.requireBpf();
        return Scene.open(underlay, config);
    }

    private static String config(Lab lab) {
        return lab.gatewayConfigB().replace("type: tap", "type: veth");
    }

    @Test
    void theWorkloadSeesItsDeviceAndNothingElse() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, VethPortTest::config)) {
            Lab lab = scene.lab();
            assertEquals("veth", scene.gateway().port("web").path("type").asText());
            String device = lab.cB().ip("-d -o link show eth0");
            assertTrue(device.contains("link/ether " + Lab.MAC_B), device);
            assertTrue(device.contains(" mtu " + lab.underlay().overlayMtu() + " "), device);
            assertTrue(device.contains("gso_max_segs 64"), device);
            assertEquals(NONE, lab.cB().devices("tun"));
            assertEquals(List.of("pgtap0"), lab.hB().devices("tun"));
            String host = lab.hB().ip("link show pgveth0");
            assertTrue(host.contains("alias peregrine port web"), host);
            assertEquals("", lab.hB().ip("-6 address show dev pgveth0"));
            assertEquals("", lab.hB().ip("-6 address show dev pgtap0"));
        }
    }

    @Test
    void removalLeavesNothing() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, VethPortTest::config)) {
            Lab lab = scene.lab();
            scene.gateway().json("port", "del", "web");
            assertBare(lab);
            scene.gateway().json("reload");
            awaitState(scene.gateway(), "web", "up");
            Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, 1 << 20, 1);
            scene.gateway().terminate();
            assertEquals(0, scene.gateway().awaitExit());
            assertBare(lab);
        }
    }

    /** The pair outlives a gateway that is killed: the next one makes its own in its place. */
    @Test
    void startsAgainAfterSigkill() {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            try (var first = GatewayProcess.start(lab.hB(), config(lab))) {
                lab.enableInnerIpv6();
                Ping.loses0(lab.cB(), Lab.INNER6_A, 5, 56);
                first.kill();
                assertEquals(NONE, lab.hB().devices("tun"));
                assertTrue(lab.hB().devices("veth").contains("pgveth0"), "nobody removes it meanwhile");
                try (var again = first.startAgain()) {
                    assertEquals(List.of("eth0"), lab.cB().devices("veth"), again::toString);
                    assertEquals("up", again.port("web").path("state").asText());
                    lab.enableInnerIpv6();
                    Ping.loses0(lab.cB(), Lab.INNER6_A, 20, 56);
                    Ping.loses0(lab.cA(), Lab.INNER6_B, 20, 56);
                }
            }
            assertBare(lab);
        }
    }

    /** The earlier gateway's pairs do not stay, whichever ports the next one has. */
    @Test
    void aStalePairGoesThoughItsPortIsNotConfiguredAnyMore() {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            try (var first = GatewayProcess.start(lab.hB(), config(lab))) {
                first.kill();
            }
            lab.hB().ip("link add pgveth7 type veth peer name mine");
            try (var second = GatewayProcess.start(lab.hB(), lab.gatewayConfigB())) {
                assertEquals(List.of("eth0"), lab.cB().devices("tun"), second::toString);
                assertEquals(NONE, lab.cB().devices("veth"));
                assertTrue(lab.hB().devices("veth").contains("pgveth7"), "it is somebody else's");
            }
        }
    }

    @Test
    void aPortComesBackWithItsNamespaceAndItsDevice() {
        try (Scene scene = Scene.open(
                Underlay.IPV4_WIRE,
                lab -> config(lab) + """
                      - {name: late, type: veth, device: eth0, netns: %s, addresses: [198.19.0.3/24]}
                """.formatted(lab.cB().name().replace("cB", "late")))) {
            Lab lab = scene.lab();
            awaitState(scene.gateway(), "late", "waiting");
            Namespace late = lab.add("late");
            awaitState(scene.gateway(), "late", "up");
            Stream.arrivesIntact(lab.cA(), late, "198.19.0.3", 1 << 20, 1);
            lab.remove(late);
            awaitState(scene.gateway(), "late", "waiting");
            Await.until(
                    LIMIT,
                    "its pair is gone",
                    () -> pairs(lab.hB()) == 1,
                    () -> lab.hB().ip("link show"));
            Namespace again = lab.add("late");
            awaitState(scene.gateway(), "late", "up");
            Stream.arrivesIntact(lab.cA(), again, "198.19.0.3", 1 << 20, 2);

            int before = index(again);
            again.ip("link del eth0");
            Await.until(
                    LIMIT,
                    "the device is there anew",
                    () -> again.devices("veth").contains("eth0") && index(again) != before,
                    () -> again.ip("link show"));
            awaitState(scene.gateway(), "late", "up");
            Stream.arrivesIntact(lab.cA(), again, "198.19.0.3", 1 << 20, 3);
        }
    }

    /** Into the gateway's own namespace no frame can be moved: both ends of the pair are in it. */
    @Test
    void aDeviceInTheGatewaysOwnNamespace() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, lab -> config(lab) + """
                      - {name: own, type: veth, device: own0, addresses: [198.19.0.4/24]}
                """)) {
            Lab lab = scene.lab();
            awaitState(scene.gateway(), "own", "up");
            Stream.arrivesIntact(lab.cA(), lab.hB(), "198.19.0.4", 1 << 20, 1);
            Stream.arrivesIntact(lab.hB(), lab.cA(), Lab.INNER_A, 1 << 20, 2);
        }
    }

    /** The kernel of the workload sees whose a frame is, as behind a TAP device. */
    @Test
    void aFloodedFrameForAnotherMacIsNotTheContainers() throws Exception {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, VethPortTest::config);
                FrameSocket remote = FrameSocket.open(scene.lab().cA(), "eth0");
                DatagramChannel application = scene.lab().cB().inside(DatagramChannel::open)) {
            application.setOption(StandardSocketOptions.SO_BROADCAST, true);
            application.bind(new InetSocketAddress(5_201)).configureBlocking(false);
            send(remote, 0x0200_0000_0099L, Lab.INNER_B, 1);
            send(remote, 0xffff_ffff_ffffL, "198.19.0.255", 2);
            send(remote, 0x0200_0000_0002L, Lab.INNER_B, 3);
            List<Integer> received = new ArrayList<>();
            ByteBuffer payload = ByteBuffer.allocate(100);
            Await.until(
                    LIMIT,
                    "the last frame has come",
                    () -> {
                        while (receive(application, payload.clear())) received.add((int) payload.get(0));
                        return received.contains(3);
                    },
                    () -> received + scene.gateway().counters());
            assertEquals(List.of(2, 3), received.stream().sorted().toList());
        }
    }

    private static void send(FrameSocket from, long mac, String address, int number) {
        from.send(FrameBuilder.udp4()
                .macs(mac, 0x0200_0000_0001L)
                .addresses(Lab.INNER_A, address)
                .payload(new byte[] {(byte) number})
                .build());
    }

    private static boolean receive(DatagramChannel channel, ByteBuffer payload) {
        try {
            return channel.receive(payload) != null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aNameThatIsTakenIsLeftAlone() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, lab -> {
            lab.cB().ip("link add eth0 type bridge");
            return config(lab);
        })) {
            String reason = scene.gateway().port("web").path("reason").asText();
            assertTrue(reason.startsWith("make veth(eth0 in network namespace "), reason);
            assertTrue(reason.contains("a device of that name exists there"), reason);
            assertEquals(0, pairs(scene.lab().hB()));
            assertEquals(NONE, scene.lab().hB().devices("tun"));
        }
    }

    private static void assertBare(Lab lab) {
        assertEquals(NONE, lab.cB().devices("veth"));
        assertEquals(0, pairs(lab.hB()));
        assertEquals(NONE, lab.hB().devices("tun"));
    }

    private static long pairs(Namespace host) {
        return host.devices("veth").stream()
                .filter(name -> name.startsWith("pgveth"))
                .count();
    }

    private static int index(Namespace namespace) {
        return Integer.parseInt(namespace.ip("-o link show eth0").replaceFirst("(?s):.*", ""));
    }

    private static void awaitState(GatewayProcess gateway, String port, String state) {
        Await.until(
                LIMIT,
                "port " + port + " is " + state,
                () -> gateway.port(port).path("state").asText().equals(state),
                () -> gateway.port(port));
    }
}
