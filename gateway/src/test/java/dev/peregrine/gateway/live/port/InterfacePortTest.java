package dev.peregrine.gateway.live.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.Figures;
import dev.peregrine.gateway.live.traffic.FrameSocket;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.gateway.live.traffic.Traffic;
import dev.peregrine.testkit.live.Iperf;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Ports on an interface that exists already: one end of a veth pair, whose other end is a container's device. */
@LiveTest
class InterfacePortTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Of a machine that does other things; that superframes pass is told by counters. */
    private static final double LEAST_BITS_PER_SECOND = 10e6;

    @Nested
    class Ipv4Wire extends Traffic {
        Ipv4Wire() {
            super(Scene.open(Underlay.IPV4_WIRE, InterfacePortTest::config));
        }
    }

    @Nested
    class Ipv6Offload extends Traffic {
        Ipv6Offload() {
            super(Scene.open(Underlay.IPV6_OFFLOAD, InterfacePortTest::config));
        }
    }

    private static String config(Lab lab) {
        addPair(lab);
        return """
                underlay: {local: "%s", device: uB}
                vnis:
                  - vni: %d
                    flood: ["%s"]
                    ports:
                      - {name: web, type: interface, device: p0}
                """.formatted(lab.vtepB(), Lab.VNI, lab.vtepA());
    }

    /** From host B's {@code p0} to container B's {@code eth0}. */
    private static void addPair(Lab lab) {
        int mtu = lab.underlay().overlayMtu();
        lab.hB()
                .ip("link add p0 mtu %d type veth peer name eth0 mtu %d address %s netns %s"
                        .formatted(mtu, mtu, Lab.MAC_B, lab.cB()));
        lab.hB().ip("link set p0 up");
        lab.cB().ip("address add " + Lab.INNER_B + "/24 dev eth0");
        lab.cB().ip("link set eth0 up");
    }

    /** An interface that is down or missing makes the port wait, and nothing else fail. */
    @Test
    void portWaitsForItsInterfaceAndComesBackWithIt() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, InterfacePortTest::config)) {
            Lab lab = scene.lab();
            GatewayProcess gateway = scene.gateway();
            assertState(gateway, "up");
            assertTrue(lab.hB().ip("-d link show p0").contains("promiscuity 1"));
            lab.hB().ip("link set p0 down");
            assertState(gateway, "waiting");
            lab.hB().ip("link set p0 up");
            assertState(gateway, "up");
            lab.hB().ip("link del p0");
            assertState(gateway, "waiting");
            JsonNode port = gateway.port("web");
            assertTrue(port.path("reason").asText().contains("no interface p0"), port::toString);
            addPair(lab);
            assertState(gateway, "up");
            Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, 1 << 20, 1);
            gateway.terminate();
            assertEquals(0, gateway.awaitExit());
            assertFalse(lab.hB().ip("-d link show p0").contains("promiscuity 1"), "the interface is left promiscuous");
        }
    }

    private static void assertState(GatewayProcess gateway, String state) {
        Await.until(
                LIMIT,
                "port is " + state,
                () -> gateway.port("web").path("state").asText().equals(state),
                () -> gateway.port("web"));
    }

    /** Without a configured VNI that carries tags, a tag must not be lost on the way: the frame is dropped. */
    @Test
    void aTaggedFrameIsNotTakenForAnUntaggedOne() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, InterfacePortTest::config);
                var container = FrameSocket.open(scene.lab().cB(), "eth0")) {
            var before = scene.gateway().drops();
            container.send(broadcast().tag(0x8100, 5).build());
            Await.until(
                    LIMIT,
                    "the frame is dropped",
                    () -> scene.gateway().dropsSince(before).getOrDefault("INNER_VLAN_TAGGED", 0L) == 1,
                    () -> scene.gateway().counters());
        }
    }

    /** A tag of VLAN 0 says a priority only (IEEE 802.1Q, 6.9.1): the frame goes on without it. */
    @Test
    void aPriorityTagIsTakenOff() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, InterfacePortTest::config);
                var container = FrameSocket.open(scene.lab().cB(), "eth0");
                var remote = FrameSocket.open(scene.lab().cA(), "eth0")) {
            byte[] plain = broadcast().build();
            container.send(broadcast().tag(0x8100, 0).build());
            remote.await(frame -> Arrays.equals(frame, plain), 1);
        }
    }

    /**
     * Superframes whose checksum field is the first segment's: {@code rx-gro-list}, and the LRO of network cards.
     * Reported at openwrt 20249, ovn-kubernetes 3033, slimcap 99.
     */
    @Test
    void takesWhatTheKernelMergedIntoLists() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, InterfacePortTest::config)) {
            Lab lab = scene.lab();
            lab.cB().output("ethtool", "-K", "eth0", "tso", "off", "gso", "off", "tx", "off");
            lab.hB().output("ethtool", "-K", "p0", "gro", "on", "rx-gro-list", "on");
            lab.hB().write("/sys/class/net/p0/threaded", "1");
            var before = scene.gateway().drops();
            Stream.arrivesIntact(lab.cB(), lab.cA(), Lab.INNER_A, 8 << 20, 1);
            double bitsPerSecond = new Iperf(lab.cB(), lab.cA(), Lab.INNER_A, 5).tcp(false);
            Figures.print("out of a port with rx-gro-list: %.0f Mbit/s".formatted(bitsPerSecond / 1e6));
            Map<String, Long> drops = scene.gateway().dropsSince(before);
            assertEquals(0, drops.getOrDefault("SUPERFRAME_UNSUPPORTED", 0L), drops::toString);
            assertEquals(0, drops.getOrDefault("INNER_HEADER_INVALID", 0L), drops::toString);
            assertTrue(bitsPerSecond > LEAST_BITS_PER_SECOND, bitsPerSecond + " bit/s");
            JsonNode in = scene.gateway().row("stage", "device", "port:web");
            assertTrue(in.path("segments").asLong() > 2 * in.path("packets").asLong(), in::toString);
        }
    }

    private static FrameBuilder broadcast() {
        return FrameBuilder.udp4().macs(0xffff_ffff_ffffL, 0x0200_0000_0002L).payload(100);
    }

    @Test
    void framesOfTheInterfaceThatTheKernelDropsAreCounted() {
        String reason = DropReason.INTERFACE_RECEIVE_OVERFLOW.name();
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, InterfacePortTest::config);
                var container = FrameSocket.open(scene.lab().cB(), "eth0")) {
            GatewayProcess gateway = scene.gateway();
            long taken = gateway.port("web").path("rxPackets").asLong();
            byte[] frame = FrameBuilder.udp4()
                    .macs(0x0200_0000_0001L, 0x0200_0000_0002L)
                    .payload(1000)
                    .build();
            int frames = 30_000;
            Command.output("kill", "-STOP", "" + gateway.pid());
            try {
                for (int i = 0; i < frames; i++) container.send(frame);
            } finally {
                Command.output("kill", "-CONT", "" + gateway.pid());
            }
            Await.until(
                    LIMIT,
                    "every frame was taken or counted as lost",
                    () -> gateway.port("web").path("rxPackets").asLong()
                                    - taken
                                    + gateway.drops().getOrDefault(reason, 0L)
                            == frames,
                    gateway::counters);
            assertTrue(gateway.drops().getOrDefault(reason, 0L) > 0);
            assertEquals(
                    List.of(),
                    gateway.log().stream()
                            .filter(line -> line.contains("ERROR"))
                            .toList());
        }
    }
}
