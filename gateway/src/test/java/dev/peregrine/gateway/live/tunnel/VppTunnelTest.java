package dev.peregrine.gateway.live.tunnel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Reference;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.Conformance;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.traffic.FrameSocket;
import dev.peregrine.gateway.live.traffic.PlayedVtep;
import dev.peregrine.gateway.live.traffic.VxlanDatagram;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** One tunnel, ten tunnels, and twenty senders of which ten are configured; frames in, frames out. */
@Conformance("VPP test_vxlan.py, test_vxlan6.py")
class VppTunnelTest {
    private static final int PORT = 4789;

    @Nested
    class Ipv4 extends Cases {
        Ipv4() {
            super(Underlay.IPV4_WIRE, PORT);
        }
    }

    @Nested
    class Ipv6 extends Cases {
        Ipv6() {
            super(Underlay.IPV6_WIRE, PORT);
        }
    }

    @Nested
    @Tag("long")
    class CustomPort extends Cases {
        CustomPort() {
            super(Underlay.IPV4_WIRE, 1111);
        }
    }

    /** VNI 42 has one tunnel; VNI 43 has ten, at the hosts 10 to 19. */
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Cases {
        private static final int FLOODING_VNI = 43;
        private static final int FIRST = 10;
        private static final int LAST = 19;
        private static final int LAST_STRANGER = 29;
        private static final long REMOTE_MAC = 0x0200_0000_0001L;
        private static final long LOCAL_MAC = 0x0200_0000_0002L;

        private final Lab lab;
        private final GatewayProcess gateway;
        private final PlayedVtep remote;
        private final FrameSocket container;
        private final FrameSocket flooding;

        Cases(Underlay underlay, int port) {
            lab = Lab.create(underlay);
            try {
                Namespace second = lab.add("dB");
                String tunnels = IntStream.rangeClosed(FIRST, LAST)
                        .mapToObj(host -> '"' + underlay.address(host) + '"')
                        .collect(Collectors.joining(", "));
                String config = lab.gatewayConfigB().replace("device: uB", "device: uB, port: " + port)
                        + """
                          - vni: %d
                            flood: [%s]
                            ports:
                              - {name: flooding, type: tap, device: eth0, netns: %s}
                        """.formatted(FLOODING_VNI, tunnels, second);
                // So that what is seen on the wire has its checksum.
                lab.hB().output("ethtool", "-K", "uB", "tx", "off");
                remote = new PlayedVtep(lab, port);
                remote.claim(1, 1);
                remote.claim(FIRST, LAST_STRANGER);
                gateway = GatewayProcess.start(lab.hB(), config);
                container = FrameSocket.open(lab.cB(), "eth0");
                flooding = FrameSocket.open(second, "eth0");
            } catch (Throwable e) {
                lab.close();
                throw e;
            }
        }

        @AfterAll
        void close() {
            try (lab;
                    gateway;
                    remote;
                    container;
                    flooding) {
                assertTrue(gateway.isAlive());
            }
        }

        @BeforeEach
        void forget() {
            remote.forget();
            container.forget();
            flooding.forget();
        }

        private static byte[] payload(int length, int number) {
            byte[] payload = new byte[length];
            Reference.setInt(payload, length - 4, 0x7e57_0000 | number);
            return payload;
        }

        private void assertEncapsulated(VxlanDatagram datagram, String destination, int vni, byte[] frame) {
            assertEquals(VxlanDatagram.CLEAN_FLAGS | (long) vni << 8, datagram.header());
            assertEquals(lab.vtepB(), AddressText.of(datagram.source()));
            assertEquals(destination, AddressText.of(datagram.destination()));
            assertTrue(datagram.sourcePort() >= 49_152, () -> "source port " + datagram.sourcePort());
            assertTrue(datagram.hasValidChecksum(), () -> "checksum " + datagram.checksum());
            assertArrayEquals(frame, datagram.inner());
        }

        @Test
        @DisplayName("test_decap")
        void decapsulates() {
            byte[] frame = FrameBuilder.udp4().payload(payload(20, 1)).build();
            remote.send(frame);
            assertArrayEquals(
                    frame,
                    container.await(FrameSocket.endsWith(payload(20, 1)), 1).getFirst());
        }

        @Test
        @DisplayName("test_encap")
        void encapsulates() {
            byte[] frame = FrameBuilder.udp4()
                    .macs(REMOTE_MAC, LOCAL_MAC)
                    .payload(payload(20, 2))
                    .build();
            container.send(frame);
            List<VxlanDatagram> datagrams = remote.await(FrameSocket.endsWith(payload(20, 2)), 1);
            assertEquals(1, datagrams.size());
            assertEncapsulated(datagrams.getFirst(), lab.vtepA(), Lab.VNI, frame);
        }

        @Test
        @DisplayName("test_encap_big_packet")
        void encapsulatesAFrameThatFillsTheMtu() {
            int largest = lab.underlay().overlayMtu() - 20 - 8;
            byte[] frame = FrameBuilder.udp4()
                    .macs(REMOTE_MAC, LOCAL_MAC)
                    .payload(payload(largest, 3))
                    .build();
            container.send(frame);
            List<VxlanDatagram> datagrams = remote.await(FrameSocket.endsWith(payload(20, 3)), 1);
            assertEncapsulated(datagrams.getFirst(), lab.vtepA(), Lab.VNI, frame);
            assertTrue(datagrams.getFirst().doesNotFragment() || lab.underlay().ipv6());
        }

        @Test
        @DisplayName("test_ucast_flood")
        void floodsToTenTunnelsOnceEach() {
            byte[] frame = FrameBuilder.udp4()
                    .macs(0xffff_ffff_ffffL, LOCAL_MAC)
                    .payload(payload(20, 4))
                    .build();
            flooding.send(frame);
            List<VxlanDatagram> datagrams = remote.await(FrameSocket.endsWith(payload(20, 4)), LAST - FIRST + 1);
            var destinations = new TreeSet<String>();
            for (VxlanDatagram datagram : datagrams) {
                String destination = AddressText.of(datagram.destination());
                destinations.add(destination);
                assertEncapsulated(datagram, destination, FLOODING_VNI, frame);
            }
            var expected = new TreeSet<String>();
            for (int host = FIRST; host <= LAST; host++)
                expected.add(lab.underlay().address(host));
            assertEquals(expected, destinations);
            assertEquals(expected.size(), datagrams.size());
        }

        @Test
        @DisplayName("test_mcast_rcv: 20 senders, 10 configured")
        void acceptsConfiguredVtepsOnly() {
            Map<String, Long> before = gateway.drops();
            for (int host = FIRST; host <= LAST_STRANGER; host++) {
                byte[] frame = FrameBuilder.udp4().payload(payload(20, host)).build();
                remote.send(lab.underlay().address(host), 0, VxlanDatagram.CLEAN_FLAGS, FLOODING_VNI, frame);
            }
            byte[] last = FrameBuilder.udp4().payload(payload(20, 99)).build();
            remote.send(lab.underlay().address(FIRST), 0, VxlanDatagram.CLEAN_FLAGS, FLOODING_VNI, last);
            flooding.await(FrameSocket.endsWith(payload(20, 99)), 1);
            List<Integer> senders = new ArrayList<>();
            for (byte[] frame : flooding.received(frame -> Reference.getInt(frame, frame.length - 4) >>> 16 == 0x7e57))
                senders.add(Reference.getShort(frame, frame.length - 2));
            senders.removeIf(sender -> sender == 99);
            assertEquals(IntStream.rangeClosed(FIRST, LAST).boxed().toList(), senders);
            gateway.awaitDropsSince(before, Map.of("VTEP_NOT_ALLOWED", 10L));
        }
    }
}
