package dev.peregrine.gateway.live.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.testkit.live.KernelVtep;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import org.junit.jupiter.api.Test;

/** Several segments, several ports in one, and several remote VTEPs. */
@LiveTest
class SegmentsTest {
    private static final int PINGS = 20;

    @Test
    void equalAddressesInTwoSegmentsDoNotMeet() {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            Namespace otherA = lab.add("dA");
            Namespace otherB = lab.add("dB");
            lab.kernelVtepA(43).attach(otherA, Lab.MAC_A, Lab.INNER_A);
            String config = lab.gatewayConfigB() + """
                      - vni: 43
                        flood: ["%s"]
                        ports:
                          - {name: other, type: tap, device: eth0, netns: %s, mac: "%s", addresses: [%s/24, 198.19.0.43/24]}
                    """.formatted(lab.vtepA(), otherB, Lab.MAC_B, Lab.INNER_B);
            try (var gateway = GatewayProcess.start(lab.hB(), config)) {
                Ping.loses0(lab.cA(), Lab.INNER_B, 3, 56);
                Ping.loses0(otherA, Lab.INNER_B, 3, 56);
                lab.rememberNeighbours();
                otherA.ip("neigh replace " + Lab.INNER_B + " lladdr " + Lab.MAC_B + " dev eth0 nud permanent");
                otherB.ip("neigh replace " + Lab.INNER_A + " lladdr " + Lab.MAC_A + " dev eth0 nud permanent");
                Ports before = Ports.of(gateway);
                Ping.loses0(lab.cA(), Lab.INNER_B, PINGS, 56);
                Ping.loses0(lab.cB(), Lab.INNER_A, PINGS, 56);
                assertEquals(before.plus(2 * PINGS, 0), Ports.of(gateway));
                Ping.loses0(otherB, Lab.INNER_A, PINGS, 56);
                assertEquals(before.plus(2 * PINGS, PINGS), Ports.of(gateway));
                assertFalse(Ping.answers(lab.cA(), "198.19.0.43"), "an address of VNI 43 answered in VNI 42");
                Ping.loses0(otherA, "198.19.0.43", 1, 56);
            }
        }
    }

    /** Packets that went to port {@code web} in VNI 42 and to {@code other} in VNI 43. */
    private record Ports(long web, long other) {
        static Ports of(GatewayProcess gateway) {
            return new Ports(tx(gateway, "web"), tx(gateway, "other"));
        }

        private static long tx(GatewayProcess gateway, String port) {
            return gateway.port(port).path("txPackets").asLong();
        }

        Ports plus(int web, int other) {
            return new Ports(this.web + web, this.other + other);
        }
    }

    @Test
    void portsOfOneSegmentSwitchLocally() {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            Namespace second = lab.add("cC");
            String config = lab.gatewayConfigB() + """
                          - {name: second, type: tap, device: eth0, netns: %s, addresses: [198.19.0.3/24]}
                    """.formatted(second);
            try (var gateway = GatewayProcess.start(lab.hB(), config)) {
                Stream.arrivesIntact(lab.cB(), second, "198.19.0.3", 1, 1);
                Stream.arrivesIntact(lab.cA(), second, "198.19.0.3", 1, 1);
                Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, 1, 1);
                long sent = gateway.status().path("txPackets").asLong();
                Stream.arrivesIntact(second, lab.cB(), Lab.INNER_B, 8 << 20, 1);
                Stream.arrivesIntact(lab.cB(), second, "198.19.0.3", 8 << 20, 1);
                long left = gateway.status().path("txPackets").asLong() - sent;
                assertTrue(left <= 4, left + " datagrams left by the underlay"); // the neighbours' ARP at most
                Ping.loses0(lab.cB(), "198.19.0.3", 100, 1000);
                Ping.loses0(second, Lab.INNER_B, 100, 1000);
            }
        }
    }

    @Test
    void floodsToAndLearnsFromTwoRemoteVteps() {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            Namespace hC = lab.add("hC");
            Namespace cC = lab.add("cC");
            String vtepC = addThirdHost(lab, hC, cC);
            String config =
                    lab.gatewayConfigB().replace(", device: uB", "").replace("flood: [", "flood: [\"" + vtepC + "\", ");
            try (var gateway = GatewayProcess.start(lab.hB(), config)) {
                Stream.arrivesIntact(lab.cB(), cC, "198.19.0.3", 8 << 20, 1);
                Stream.arrivesIntact(lab.cB(), lab.cA(), Lab.INNER_A, 8 << 20, 1);
                Stream.arrivesIntact(cC, lab.cB(), Lab.INNER_B, 8 << 20, 1);
                assertEquals(vtepC, vtep(gateway, "02:00:00:00:00:03"));
                assertEquals(lab.vtepA(), vtep(gateway, Lab.MAC_A));
                Ping.loses0(lab.cB(), "198.19.0.3", PINGS, 56);
                Ping.loses0(cC, Lab.INNER_B, PINGS, 56);
                assertFalse(Ping.answers(lab.cA(), "198.19.0.3"), "a frame was relayed between two VTEPs");
            }
        }
    }

    /** Host C, joined to host B by a link of its own; returns its VTEP's address. */
    private static String addThirdHost(Lab lab, Namespace hC, Namespace cC) {
        lab.hB().ip("link add uD mtu 1600 type veth peer name uC mtu 1600 netns " + hC);
        lab.hB().ip("address add 198.18.1.2/24 dev uD");
        lab.hB().ip("link set uD up");
        hC.ip("address add 198.18.1.3/24 dev uC");
        hC.ip("link set uC up");
        hC.ip("route add 198.18.0.0/24 via 198.18.1.2");
        KernelVtep.add(hC, Lab.VNI, lab.underlay().overlayMtu(), "uC", "198.18.1.3", lab.vtepB())
                .attach(cC, "02:00:00:00:00:03", "198.19.0.3");
        return "198.18.1.3";
    }

    private static String vtep(GatewayProcess gateway, String mac) {
        JsonNode entry = gateway.row("fdb", "mac", mac);
        return entry.path("vtep").asText();
    }
}
