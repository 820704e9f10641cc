package dev.peregrine.dataplane.linux.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.netlink.Route;
import dev.peregrine.dataplane.linux.socket.IoVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.testing.Loopback;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("live")
class TapLiveTest {
    private static final long MAC = 0x0200_0000_0002L;
    private static final UdpAddress INSIDE = UdpAddress.of(Loopback.ip("198.19.0.2"), 9_000);
    private static final UdpAddress OUTSIDE = UdpAddress.of(Loopback.ip("198.19.0.1"), 9_001);
    private static final int UDP_L4 = 5;

    /** The names of all interfaces there, those that kernel modules add to every namespace left out. */
    private static Set<String> devices(Namespace live) throws LinuxException {
        return live.netNamespace().call(() -> {
            try (Netlink netlink = Netlink.open()) {
                return netlink.links().stream()
                        .filter(link -> link.name().equals("lo") || link.kind().equals("tun"))
                        .map(Link::name)
                        .collect(Collectors.toSet());
            }
        });
    }

    private static TapBuilder builder(Namespace live) {
        return TapBuilder.named("eth0")
                .in(live.netNamespace())
                .mac(MAC)
                .mtu(1_450)
                .txQueueLength(500)
                .address(new Prefix(INSIDE.address(), 24));
    }

    @Test
    void standsInItsNamespaceAsConfigured() throws LinuxException {
        try (Namespace live = Live.tapNamespace();
                Tap tap = builder(live)
                        .address(new Prefix(Loopback.ip("fd00:42::2"), 64))
                        .route(new Route(new Prefix(Loopback.ip("0.0.0.0"), 0), OUTSIDE.address()))
                        .route(new Route(new Prefix(Loopback.ip("203.0.113.0"), 24), null))
                        .route(new Route(new Prefix(Loopback.ip("2001:db8::"), 32), Loopback.ip("fd00:42::1")))
                        .route(new Route(new Prefix(Loopback.ip("fd00:43::"), 64), null))
                        .open()) {
            Link link = tap.link().orElseThrow();
            assertEquals(MAC, link.mac());
            assertEquals(1_450, link.mtu());
            assertEquals(500, link.txQueueLength());
            assertEquals("tun", link.kind());
            assertTrue(link.isUp());
            assertFalse(tap.gone());

            String addresses = live.ip("addr show eth0");
            assertTrue(addresses.contains("inet 198.19.0.2/24"), addresses);
            assertTrue(addresses.contains("inet6 fd00:42::2/64 scope global nodad"), addresses);
            String routes = live.ip("route");
            assertTrue(routes.contains("default via 198.19.0.1 dev eth0"), routes);
            assertTrue(routes.contains("203.0.113.0/24 dev eth0 proto static scope link"), routes);
            String routes6 = live.ip("-6 route");
            assertTrue(routes6.contains("2001:db8::/32 via fd00:42::1 dev eth0"), routes6);
            assertTrue(routes6.contains("fd00:43::/64 dev eth0"), routes6);
        }
    }

    @Test
    void vanishesOnCloseAndLeavesNothingWhereItWasMade() throws LinuxException {
        try (Namespace origin = Live.tapNamespace();
                Namespace live = Live.tapNamespace()) {
            Tap tap = origin.netNamespace().call(() -> builder(live).open());
            assertEquals(Set.of("lo"), devices(origin));
            assertEquals(Set.of("lo", "eth0"), devices(live));
            tap.close();
            tap.close();
            assertEquals(Optional.empty(), tap.link());
            assertEquals(-1, tap.fd(0));
            assertEquals(Set.of("lo"), devices(live));
        }
    }

    @Test
    void tellsWhenItsNamespaceIsDeleted() throws LinuxException {
        try (Namespace live = Live.tapNamespace();
                Tap tap = builder(live).queues(2).open();
                Arena arena = Arena.ofConfined();
                IoVector vector = new IoVector(1)) {
            live.delete();
            long deadline = System.nanoTime() + 10_000_000_000L;
            while (!tap.gone() && System.nanoTime() < deadline) {
                Thread.onSpinWait(); // The kernel takes namespaces down in the background.
            }
            assertTrue(tap.gone(), "the TAP outlives its namespace by 10 s: something holds it");
            long buffer = arena.allocate(2_048).address();
            vector.append(buffer, 100);
            assertEquals(-Errno.EBADFD, tap.read(1, buffer, 2_048));
            assertEquals(-Errno.EBADFD, tap.writev(0, vector.address(), vector.size()));
            assertThrows(LinuxException.class, tap::link);
        }
    }

    @Test
    void staysInTheCurrentNamespaceByDefault() throws LinuxException {
        try (Namespace live = Live.tapNamespace()) {
            live.netNamespace().call(() -> {
                try (Tap tap = TapBuilder.named("stays").open()) {
                    assertTrue(tap.link().orElseThrow().isUp());
                    assertEquals(1_500, tap.link().orElseThrow().mtu());
                    assertEquals(Set.of("lo", "stays"), devices(live));
                }
                return true;
            });
        }
    }

    @Test
    void refusesANameThatExists() throws LinuxException {
        try (Namespace origin = Live.tapNamespace();
                Namespace live = Live.tapNamespace();
                Tap first = builder(live).open()) {
            LinuxException e = assertThrows(
                    LinuxException.class,
                    () -> origin.netNamespace().call(() -> builder(live).open()));
            assertEquals(Errno.EEXIST, e.errno());
            assertTrue(e.getMessage().contains("make TAP(eth0 in network namespace " + live.name()), e.getMessage());
            assertTrue(e.getMessage().contains("a device of that name exists there"), e.getMessage());
            assertTrue(first.link().orElseThrow().isUp());
            assertEquals(Set.of("lo", "eth0"), devices(live));
            assertEquals(Set.of("lo"), devices(origin));
        }
    }

    @Test
    void refusesANameThatExistsInTheCurrentNamespace() throws LinuxException {
        try (Namespace live = Live.tapNamespace()) {
            LinuxException e = assertThrows(
                    LinuxException.class,
                    () -> live.netNamespace().call(() -> TapBuilder.named("lo").open()));
            assertEquals(Errno.EEXIST, e.errno());
            assertTrue(e.getMessage().contains("make TAP(lo in the current network namespace)"), e.getMessage());
            assertEquals(Set.of("lo"), devices(live));
        }
    }

    @Test
    void leavesNothingWhenConfiguringFails() throws LinuxException {
        try (Namespace live = Live.tapNamespace()) {
            TapBuilder unreachable =
                    builder(live).route(new Route(new Prefix(Loopback.ip("0.0.0.0"), 0), Loopback.ip("192.0.2.1")));
            LinuxException e = assertThrows(LinuxException.class, unreachable::open);
            assertTrue(e.getMessage().startsWith("add route 0.0.0.0/0 via 192.0.2.1(eth0): E"), e.getMessage());
            assertEquals(Set.of("lo"), devices(live));
            LinuxException missing = assertThrows(
                    LinuxException.class,
                    () -> TapBuilder.named("eth0")
                            .in(NetNamespace.of("lnx-none"))
                            .open());
            assertEquals(Errno.ENOENT, missing.errno());
        }
    }

    @Test
    void probesOffloadsAndSwitchesThem() throws LinuxException {
        try (Namespace live = Live.tapNamespace();
                Tap tap = builder(live).open()) {
            Set<TapOffload> probed = tap.offloads();
            assertTrue(probed.containsAll(List.of(TapOffload.CHECKSUM, TapOffload.TSO4, TapOffload.TSO6)), probed + "");
            assertEquals(Set.of(), tap.offloads(Set.of()));
            assertEquals(Set.of(), tap.offloads(Set.of(TapOffload.TSO4)), "segmentation without checksum");
            assertEquals(probed, tap.offloads(Set.of(TapOffload.values())));
        }
        try (Namespace live = Live.tapNamespace();
                Tap none = builder(live).offloads(Set.of()).open()) {
            assertEquals(Set.of(), none.offloads());
        }
    }

    @Test
    void carriesUdpSuperframesBothWays() throws LinuxException {
        try (Namespace live = Live.tapNamespace();
                Tap tap = builder(live).open();
                TapFrames frames = new TapFrames(tap);
                Loopback memory = new Loopback("127.0.0.1");
                UdpSocket socket = live.netNamespace().call(() -> UdpSocket.open(INSIDE.family()))) {
            assumeTrue(tap.offloads().contains(TapOffload.USO), "skipped: USO needs Linux 6.2");
            live.ip("neigh add 198.19.0.1 lladdr 02:00:00:00:00:01 dev eth0");
            socket.bind(INSIDE.address(), INSIDE.port());
            socket.gro(true);
            memory.send.begin(0, OUTSIDE);
            memory.send.append(0, memory.payload.address(), 5_000);
            memory.send.control(0, -1, -1, 1_000);

            assertEquals(1, memory.send.send(socket, 0, 1));
            ByteBuffer superframe = frames.await(TapFrames::isUdp);
            assertEquals(Tap.HEADER_SIZE + 42 + 5_000, superframe.remaining());
            assertEquals(UDP_L4, TapFrames.gsoType(superframe));
            assertEquals(1_000, TapFrames.gsoSize(superframe));

            tap.offloads(Set.of());
            assertEquals(1, memory.send.send(socket, 0, 1));
            ByteBuffer frame = frames.await(TapFrames::isUdp);
            assertEquals(Tap.HEADER_SIZE + 42 + 1_000, frame.remaining());
            assertEquals(0, TapFrames.gsoType(frame));

            frames.writeUdpSuperframe(MAC, OUTSIDE, INSIDE, 1_200, 20);
            assertEquals(1, awaitDatagrams(memory, socket));
            assertEquals(24_000, memory.receive.length(0));
            assertEquals(1_200, memory.receive.segmentSize(0));
            assertEquals(OUTSIDE.port(), memory.receive.sourcePort(0));
        }
    }

    private static int awaitDatagrams(Loopback memory, UdpSocket socket) {
        long deadline = System.nanoTime() + 5_000_000_000L;
        int received = 0;
        while (received == 0 && System.nanoTime() < deadline) {
            received = memory.receive.receive(socket, 0, 1);
        }
        return received;
    }

    @Test
    void countsFramesOfAFullQueueAsDropped() throws LinuxException {
        try (Namespace live = Live.tapNamespace();
                Tap tap = builder(live).txQueueLength(10).open();
                Loopback memory = new Loopback("127.0.0.1");
                UdpSocket socket = live.netNamespace().call(() -> UdpSocket.open(INSIDE.family()))) {
            live.ip("neigh add 198.19.0.1 lladdr 02:00:00:00:00:01 dev eth0");
            memory.send.begin(0, OUTSIDE);
            memory.send.append(0, memory.payload.address(), 100);
            for (int i = 0; i < 100; i++) {
                assertEquals(1, memory.send.send(socket, 0, 1));
            }
            long dropped = tap.link().orElseThrow().statistics().txDropped();
            assertTrue(dropped >= 90, "dropped " + dropped + " of 100");
        }
    }

    @Test
    void findsItsDeviceUnderAnotherNameAndNoOtherDeviceUnderItsOwn() throws LinuxException {
        try (Namespace live = Live.tapNamespace();
                Tap tap = builder(live).open()) {
            int index = tap.link().orElseThrow().index();
            live.ip("link set eth0 down");
            live.ip("link set eth0 name was0");
            live.ip("link add eth0 type veth peer name peer0");
            Link link = tap.link().orElseThrow();
            assertEquals("was0", link.name());
            assertEquals(index, link.index());
            live.ip("link delete was0");
            assertTrue(tap.link().isEmpty(), "it is gone");
        }
    }

    @Test
    void spreadsFlowsOverItsQueues() throws LinuxException {
        try (Namespace live = Live.tapNamespace();
                Tap tap = builder(live).queues(4).open();
                Arena arena = Arena.ofConfined();
                Loopback memory = new Loopback("127.0.0.1");
                UdpSocket socket = live.netNamespace().call(() -> UdpSocket.open(INSIDE.family()))) {
            assertEquals(4, tap.queues());
            live.ip("neigh add 198.19.0.1 lladdr 02:00:00:00:00:01 dev eth0");
            for (int port = 1; port <= 200; port++) {
                memory.send.begin(0, UdpAddress.of(OUTSIDE.address(), port));
                memory.send.append(0, memory.payload.address(), 10);
                assertEquals(1, memory.send.send(socket, 0, 1));
            }
            long buffer = arena.allocate(2_048).address();
            int used = 0;
            for (int queue = 0; queue < tap.queues(); queue++) {
                used += tap.read(queue, buffer, 2_048) > 0 ? 1 : 0;
            }
            assertEquals(4, used, "queues with frames");
        }
    }
}
