package dev.peregrine.gateway.live.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.peregrine.gateway.live.lab.Conformance;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.traffic.FrameSocket;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.gateway.live.traffic.VxlanDatagram;
import dev.peregrine.testkit.live.KernelVtep;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A kernel VTEP that sends IPv6 datagrams without a UDP checksum and takes such ones, as hardware VTEPs and
 * freifunk-gluon 3783 do.
 */
@Conformance("reported by users")
class ZeroChecksumTest {
    private static final int PORT = 4789;

    @ParameterizedTest
    @CsvSource({"IPV6_WIRE, on", "IPV6_WIRE, off", "IPV6_OFFLOAD, on", "IPV6_OFFLOAD, off"})
    void datagramsWithoutAChecksumAreReceivedOverIpv6AndSentOnRequest(Underlay underlay, String checksum) {
        try (Lab lab = Lab.create(underlay)) {
            KernelVtep.add(
                            lab.hA(),
                            Lab.VNI,
                            underlay.overlayMtu(),
                            "uA",
                            lab.vtepA(),
                            lab.vtepB(),
                            "dstport " + PORT + " udp6zerocsumtx udp6zerocsumrx")
                    .attach(lab.cA(), Lab.MAC_A, Lab.INNER_A);
            String config = lab.gatewayConfigB()
                    .replace("device: uB}", "device: uB, checksum: off, checksum6: \"" + checksum + "\"}");
            try (GatewayProcess gateway = GatewayProcess.start(lab.hB(), config)) {
                pass(lab, checksum.equals("on"));
                assertEquals(0, gateway.kernelCounter("Udp6InCsumErrors"));
                assertEquals(0L, gateway.drops().getOrDefault("UNDERLAY_CHECKSUM", -1L));
            }
        }
    }

    private static void pass(Lab lab, boolean sendsChecksum) {
        lab.enableInnerIpv6();
        try (var arriving = FrameSocket.open(lab.hB(), "uB");
                var leaving = FrameSocket.open(lab.hA(), "uA")) {
            Ping.loses0(lab.cA(), Lab.INNER6_B, 20, 1000);
            Ping.loses0(lab.cB(), Lab.INNER6_A, 20, 56);
            List<VxlanDatagram> fromKernel = datagrams(arriving);
            List<VxlanDatagram> fromPeregrine = datagrams(leaving);
            assertFalse(fromKernel.isEmpty() || fromPeregrine.isEmpty());
            fromKernel.forEach(datagram -> assertEquals(0, datagram.checksum()));
            fromPeregrine.forEach(datagram -> assertEquals(sendsChecksum, datagram.checksum() != 0));
        }
        Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, 8 << 20, 1);
        Stream.arrivesIntact(lab.cB(), lab.cA(), Lab.INNER_A, 8 << 20, 1);
    }

    private static List<VxlanDatagram> datagrams(FrameSocket socket) {
        return socket.received().stream()
                .flatMap(frame -> VxlanDatagram.of(frame, PORT).stream())
                .toList();
    }
}
