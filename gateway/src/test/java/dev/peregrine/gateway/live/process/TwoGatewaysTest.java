package dev.peregrine.gateway.live.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.traffic.Figures;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.testkit.live.Iperf;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A gateway on either side. */
@LiveTest
class TwoGatewaysTest {
    @ParameterizedTest
    @EnumSource
    void reachEachOther(Underlay underlay) {
        long seed = System.nanoTime();
        try (Lab lab = Lab.create(underlay);
                var a = GatewayProcess.start(lab.hA(), lab.gatewayConfigA());
                var b = GatewayProcess.start(lab.hB(), lab.gatewayConfigB())) {
            Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, 16 << 20, seed);
            Stream.arrivesIntact(lab.cB(), lab.cA(), Lab.INNER_A, 16 << 20, seed);
            var iperf = new Iperf(lab.cA(), lab.cB(), Lab.INNER_B, 1);
            double tcp = iperf.tcp(false);
            Iperf.Udp udp = iperf.udp(false, 100_000, 200);
            Figures.print("%s two gateways: TCP %.2f Gbit/s, UDP 200 B %.0f packets/s, %.3f%% lost"
                    .formatted(underlay, tcp / 1e9, udp.packetsPerSecond(), udp.lostPercent()));
            assertTrue(tcp > 10e6, () -> tcp + " bit/s");
            assertTrue(udp.lost() < udp.packets(), udp::toString);
            assertTrue(a.isAlive() && b.isAlive());
            Ping.loses0(lab.cA(), Lab.INNER_B, 100, 56);
            Ping.loses0(lab.cB(), Lab.INNER_A, 100, Ping.largest(underlay.overlayMtu(), Lab.INNER_A));
        }
    }
}
