package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.testkit.GatewayShape;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.testkit.Resolution;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.Segment;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * ARP and neighbour discovery suppression, with a host h1 at a gateway and a host h2 behind a remote VTEP. The first
 * tests are the rows of the Linux kernel's {@code test_bridge_neigh_suppress}; what that counts at its VXLAN device is
 * counted in the network, and where its rows are about VLANs these are about VNIs.
 */
class NeighbourSuppressionTest {
    private static final int VNI = 42;
    private static final int OTHER_VNI = 43;
    private static final int SEGMENT = 0;
    private static final int OTHER_SEGMENT = 1;
    private static final long H1 = 0x0200_0000_0001L;
    private static final long H2 = 0x0200_0000_0002L;
    private static final long H3 = 0x0200_0000_0003L;
    private static final long SECOND = 1_000_000_000L;
    private static final IpAddress LOCAL = World.address(0);
    private static final IpAddress REMOTE = World.address(1);

    private final MemoryNetwork network = new MemoryNetwork();
    private final List<byte[]> sent = new ArrayList<>();
    private final MemoryGateway gateway = new MemoryGateway(
            network,
            LOCAL,
            GatewayShape.of(
                            List.of(new Segment(0, VNI, 1450, false), new Segment(1, OTHER_VNI, 1450, false)),
                            List.of(SEGMENT, SEGMENT, OTHER_SEGMENT))
                    .suppressing());
    private final int tunnel = gateway.addVtep(REMOTE);

    NeighbourSuppressionTest() {
        suppress(SEGMENT, false);
        suppress(OTHER_SEGMENT, false);
        gateway.flood(Map.of(SEGMENT, List.of(tunnel), OTHER_SEGMENT, List.of(tunnel)));
        network.connect(REMOTE, datagram -> sent.add(datagram.payload()));
    }

    @AfterEach
    void close() {
        assertTrue(gateway.isAtRest(), "a packet was lost");
        assertEquals(List.of(), gateway.faults());
        gateway.close();
    }

    @ParameterizedTest
    @EnumSource
    void requestsAreSuppressedWhenFdbAndNeighbourAreKnown(Resolution family) {
        assertLeaves(family, SEGMENT, true, "suppression off");
        suppress(SEGMENT, true);
        assertLeaves(family, SEGMENT, true, "nothing known");
        gateway.fdb().add(SEGMENT, H2, tunnel, true, 0);
        assertLeaves(family, SEGMENT, true, "FDB entry alone");
        addNeighbour(SEGMENT, family.host(2), H2);
        assertLeaves(family, SEGMENT, false, "FDB entry and neighbour"); // h2 is never asked: it may be down
        suppress(SEGMENT, false);
        assertLeaves(family, SEGMENT, true, "suppression off again");
    }

    @ParameterizedTest
    @EnumSource
    void unicastRequestsPass(Resolution family) {
        suppress(SEGMENT, true);
        gateway.fdb().add(SEGMENT, H2, tunnel, true, 0);
        addNeighbour(SEGMENT, family.host(2), H2);
        assertEquals(1, requestsSent(family, family.unicastRequest(H1, family.host(1), H2, family.host(2)), 0));
        assertEquals(List.of(), gateway.endpoint(0).received(), "only h2 answers");
    }

    @ParameterizedTest
    @EnumSource
    void eachSegmentHasItsOwn(Resolution family) {
        for (int segment : List.of(SEGMENT, OTHER_SEGMENT)) {
            gateway.fdb().add(segment, H2, tunnel, true, 0);
            suppress(segment, false);
            addNeighbour(segment, family.host(2), H2);
        }
        suppress(SEGMENT, true);
        assertLeaves(family, SEGMENT, false, "suppression on");
        assertLeaves(family, OTHER_SEGMENT, true, "suppression off");
        suppress(SEGMENT, false);
        suppress(OTHER_SEGMENT, true);
        assertLeaves(family, SEGMENT, true, "suppression off");
        assertLeaves(family, OTHER_SEGMENT, false, "suppression on");
    }

    // ---- beyond the kernel's rows -----------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource
    void theFirstReplyOfARemoteHostMakesItKnown(Resolution family) {
        suppress(SEGMENT, true);
        assertLeaves(family, SEGMENT, true, "nothing known");
        receive(family.reply(H1, family.host(1), H2, family.host(2)));
        assertLeaves(family, SEGMENT, false, "learned");
        assertEquals(1, gateway.bridge().neighbours().size() - (family == Resolution.ARP ? 1 : 0), "and h1 itself");
    }

    @ParameterizedTest
    @EnumSource
    void aHostThatIsSilentForTooLongIsForgotten(Resolution family) {
        suppress(SEGMENT, true);
        gateway.fdb().add(SEGMENT, H2, tunnel, true, 0);
        receive(family.announcement(H2, family.host(2)));
        gateway.advance(299 * SECOND);
        gateway.bridge().neighbours().age(gateway.nowNanos());
        receive(family.announcement(H2, family.host(2)));
        assertLeaves(family, SEGMENT, false, "heard in time");
        gateway.advance(301 * SECOND);
        gateway.bridge().neighbours().age(gateway.nowNanos());
        assertEquals(List.of(), neighbours(H2));
        assertLeaves(family, SEGMENT, true, "old");
    }

    @ParameterizedTest
    @EnumSource
    void anAddressThatMovesToALocalHostIsNotAnsweredFor(Resolution family) {
        suppress(SEGMENT, true);
        receive(family.announcement(H2, family.host(2)));
        assertLeaves(family, SEGMENT, false, "remote");
        send(1, family.announcement(H3, family.host(2)));
        assertLeaves(family, SEGMENT, true, "its MAC is local");
        receive(family.announcement(H2, family.host(2)));
        assertLeaves(family, SEGMENT, false, "and back");
    }

    @ParameterizedTest
    @EnumSource
    void announcementsAndDuplicateAddressDetectionPass(Resolution family) {
        suppress(SEGMENT, true);
        gateway.fdb().add(SEGMENT, H2, tunnel, true, 0);
        addNeighbour(SEGMENT, family.host(2), H2);
        byte[] probe = family.request(H1, family.unspecified(), family.host(2));
        assertEquals(1, requestsSent(family, probe, 0));
        int before = sent.size();
        send(0, family.announcement(H1, family.host(2)));
        assertEquals(before + 1, sent.size());
        assertEquals(List.of(), gateway.endpoint(0).received());
    }

    @ParameterizedTest
    @EnumSource
    void requestsFromTunnelsAreForTheHostsThemselves(Resolution family) {
        suppress(SEGMENT, true);
        gateway.fdb().add(SEGMENT, H2, tunnel, true, 0);
        addNeighbour(SEGMENT, family.host(2), H2);
        receive(family.request(H3, family.host(3), family.host(2)));
        assertEquals(0, sent.size());
        assertEquals(1, gateway.endpoint(0).received().size());
    }

    @ParameterizedTest
    @EnumSource
    void aHostIsNotToldItsOwnAddress(Resolution family) {
        suppress(SEGMENT, true);
        gateway.fdb().add(SEGMENT, H1, tunnel, false, 0);
        addNeighbour(SEGMENT, family.host(2), H1);
        assertEquals(1, requestsSent(family, family.request(H1, family.host(1), family.host(2)), 0));
    }

    @ParameterizedTest
    @EnumSource
    void damagedRequestsAreNotAnswered(Resolution family) {
        suppress(SEGMENT, true);
        gateway.fdb().add(SEGMENT, H2, tunnel, true, 0);
        addNeighbour(SEGMENT, family.host(2), H2);
        byte[] request = family.request(H1, family.host(1), family.host(2));
        byte[] damaged = request.clone();
        damaged[family == Resolution.ARP ? 19 : 56] ^= 1; // length of addresses; checksum
        send(0, damaged);
        assertEquals(List.of(), gateway.endpoint(0).received());
        send(0, Arrays.copyOf(request, family == Resolution.ARP ? 41 : 77));
        assertEquals(List.of(), gateway.endpoint(0).received());
    }

    /** Whether a request of h1 for h2 leaves for the remote VTEP; else h1 gets the reply. */
    private void assertLeaves(Resolution family, int segment, boolean leaves, String when) {
        int port = segment == SEGMENT ? 0 : 2;
        byte[] request = family.request(H1, family.host(1), family.host(2));
        gateway.endpoint(port).received();
        assertEquals(leaves ? 1 : 0, requestsSent(family, request, port), when);
        List<byte[]> received = gateway.endpoint(port).received();
        if (leaves) {
            assertEquals(0, received.size(), when);
        } else {
            assertEquals(1, received.size(), when);
            byte[] expected = family.reply(H1, family.host(1), H2, family.host(2));
            assertArrayEquals(expected, received.getFirst(), when);
        }
    }

    private int requestsSent(Resolution family, byte[] frame, int port) {
        sent.clear();
        send(port, frame);
        return (int) sent.stream()
                .filter(payload -> family.isRequest(Arrays.copyOfRange(payload, 8, payload.length)))
                .count();
    }

    private void send(int port, byte[] frame) {
        gateway.endpoint(port).send(frame);
        gateway.run();
    }

    private void receive(byte[] frame) {
        network.send(new Datagram(REMOTE, LOCAL, 50_000, 0, 64, World.vxlan(VNI, frame)));
        gateway.run();
    }

    private void suppress(int segment, boolean on) {
        gateway.bridge().neighbours().configure(segment, on, 100, 300 * SECOND);
    }

    private List<Long> neighbours(long wanted) {
        List<Long> found = new ArrayList<>();
        gateway.bridge().neighbours().forEach((segment, high, low, mac, isStatic, isDoubted, seen) -> {
            if (mac == wanted) {
                found.add(mac);
            }
        });
        return found;
    }

    private void addNeighbour(int segment, String address, long mac) {
        IpAddress ip = IpAddress.of(InetAddress.ofLiteral(address));
        gateway.bridge().neighbours().add(segment, ip.high(), ip.low(), mac, gateway.nowNanos());
    }
}
