package dev.peregrine.gateway.live.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Reference;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.Conformance;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.FrameSocket;
import dev.peregrine.gateway.live.traffic.PlayedVtep;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.testkit.Resolution;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** ARP and neighbour discovery that are answered in place of a host behind the kernel's VTEP. */
@Conformance("kernel test_bridge_neigh_suppress.sh")
class NeighboursTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final long MAC_B = 0x0200_0000_0002L;
    private static final long REMOTE = 0x0200_0000_0077L;
    private static final String REMOTE_TEXT = "02:00:00:00:00:77";

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

    /**
     * Rows of the original, with what it counts at its VXLAN device counted on the underlay, and VNIs in place of
     * VLANs.
     */
    @ParameterizedTest
    @EnumSource
    void requestsLeaveUnlessNeighbourAndFdbEntryAreKnown(Resolution family) {
        try (Suppressing world = new Suppressing(family)) {
            world.assertLeaves(world.plain, family.request(MAC_B, family.host(1), family.host(2)), "suppression off");
            byte[] unknown = family.request(MAC_B, family.host(1), family.host(3));
            world.assertLeaves(world.suppressing, unknown, "nothing known");
            byte[] request = family.request(MAC_B, family.host(1), family.host(2));
            world.assertLeaves(world.suppressing, request, "neighbour alone");
            world.fdb("add", "vtep", world.lab.vtepA(), "static");
            byte[] reply = family.reply(MAC_B, family.host(1), REMOTE, family.host(2));
            world.assertAnswered(request, reply, "neighbour and FDB entry");
            byte[] unicast = family.unicastRequest(MAC_B, family.host(1), REMOTE, family.host(2));
            world.assertLeaves(world.suppressing, unicast, "to one host");
            byte[] probe = family.request(MAC_B, family.unspecified(), family.host(2));
            world.assertLeaves(world.suppressing, probe, "is the address free");
            world.assertLeaves(world.plain, request, "VNI without suppression");
            world.assertAnswered(request, reply, "as before");
            world.fdb("del");
            world.assertLeaves(world.suppressing, request, "FDB entry gone");
        }
    }

    /** VNI 42 that suppresses and knows of host 2, and VNI 43 that does not; behind the remote VTEP answers nobody. */
    private static final class Suppressing implements AutoCloseable {
        final Lab lab = Lab.create(Underlay.IPV4_WIRE);
        final GatewayProcess gateway;
        final PlayedVtep remote;
        final FrameSocket suppressing;
        final FrameSocket plain;
        private int marks;

        Suppressing(Resolution family) {
            try {
                Namespace second = lab.add("dB");
                String config = suppressing("    neighbours: [{address: \"%s\", mac: \"%s\"}]\n"
                                .formatted(family.host(2), REMOTE_TEXT))
                        .apply(lab);
                gateway = GatewayProcess.start(lab.hB(), config + """
                          - vni: 43
                            flood: ["%s"]
                            ports:
                              - {name: plain, type: tap, device: eth0, netns: %s}
                        """.formatted(lab.vtepA(), second));
                remote = new PlayedVtep(lab, 4789);
                suppressing = FrameSocket.open(lab.cB(), "eth0");
                plain = FrameSocket.open(second, "eth0");
            } catch (Throwable e) {
                lab.close();
                throw e;
            }
        }

        void fdb(String what, String... more) {
            List<String> words = new ArrayList<>(List.of("fdb", what, REMOTE_TEXT, "vni", "" + Lab.VNI));
            words.addAll(List.of(more));
            GatewayProcess.Answer answer = gateway.command(words.toArray(String[]::new));
            assertEquals(0, answer.exit(), answer::toString);
        }

        /** A frame goes to the remote VTEP, once, and is not answered. */
        void assertLeaves(FrameSocket container, byte[] request, String when) {
            assertEquals(1, countAfter(container, request), when);
            assertEquals(List.of(), answers(container), when);
        }

        /** A frame does not go to the remote VTEP; the one who asked gets a reply. */
        void assertAnswered(byte[] request, byte[] reply, String when) {
            assertEquals(0, countAfter(suppressing, request), when);
            List<byte[]> replies = suppressing.await(frame -> Arrays.equals(frame, reply), 1);
            assertEquals(1, replies.size(), when);
        }

        /** How often a frame is on the underlay, once a later one has been. */
        private int countAfter(FrameSocket container, byte[] request) {
            remote.forget();
            container.forget();
            byte[] mark = FrameBuilder.udp4()
                    .macs(0xffff_ffff_ffffL, MAC_B)
                    .payload(new byte[] {0x7e, 0x57, 0x7e, (byte) ++marks})
                    .build();
            container.send(request);
            container.send(mark);
            remote.await(FrameSocket.endsWith(mark), 1);
            return remote.received(frame -> Arrays.equals(frame, request)).size();
        }

        private List<String> answers(FrameSocket container) {
            return container.received(frame -> source(frame) == REMOTE).stream()
                    .map(Arrays::toString)
                    .toList();
        }

        private static long source(byte[] frame) {
            return (long) Reference.getShort(frame, 6) << 32 | Integer.toUnsignedLong(Reference.getInt(frame, 8));
        }

        @Override
        public void close() {
            try (lab;
                    gateway;
                    remote;
                    suppressing;
                    plain) {
                assertTrue(gateway.isAlive());
            }
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
