package dev.peregrine.gateway.live.ledger;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.Jvm;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.traffic.FaultyRelay;
import dev.peregrine.gateway.live.traffic.Figures;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.testkit.live.KernelVtep;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * TCP between the kernel's VTEP and a gateway over a network that loses one datagram in a hundred and reorders more.
 *
 * <pre>
 *  hA[kernel VTEP] rA ══ mA  hM[relay]  mB ══ rB [gateway] hB
 *          198.18.1.1    198.18.1.2  198.18.2.2    198.18.2.1
 * </pre>
 */
@LiveTest
class FaultyPathTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final long STREAM_BYTES = 16 << 20;
    private static final String HOST_A = "198.18.1.1";
    private static final String RELAY_A = "198.18.1.2";
    private static final String RELAY_B = "198.18.2.2";
    private static final String HOST_B = "198.18.2.1";

    @ParameterizedTest
    @ValueSource(strings = {"auto", "off"})
    void tcpArrivesIntactUnderLossAndReordering(String offload) {
        long seed = System.nanoTime();
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            Namespace middle = lab.add("hM");
            lab.connect(lab.hA(), "rA", HOST_A, middle, "mA", RELAY_A);
            lab.connect(lab.hB(), "rB", HOST_B, middle, "mB", RELAY_B);
            KernelVtep.add(lab.hA(), Lab.VNI, lab.underlay().overlayMtu(), "rA", HOST_A, RELAY_A)
                    .attach(lab.cA(), Lab.MAC_A, Lab.INNER_A);
            try (var relay = BackgroundProcess.start(middle.words(relay(seed)));
                    var gateway = GatewayProcess.start(lab.hB(), config(lab, offload))) {
                relay.awaitLine(LIMIT, "relay", "relaying"::equals);
                Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, STREAM_BYTES, seed);
                Stream.arrivesIntact(lab.cB(), lab.cA(), Lab.INNER_A, STREAM_BYTES, seed);
                assertTrue(gateway.status().path("rxPackets").asLong() > 1000);
                relay.terminate();
                relay.awaitExit(LIMIT);
                String account = relay.lines().getLast();
                Figures.print("TCP over a bad network, offload " + offload + ": " + account);
                assertTrue(account.matches("lost [1-9]\\d+ reordered [1-9]\\d+"), relay::toString);
            }
        }
    }

    private static List<String> relay(long seed) {
        return Jvm.words(FaultyRelay.class, RELAY_A, HOST_A, RELAY_B, HOST_B, "0.01", "0.02", "" + seed);
    }

    private static String config(Lab lab, String offload) {
        String switches = "offload: {gro: %s, gso: %s, tapOffload: %s}".formatted(offload, offload, offload);
        return lab.gatewayConfigB()
                .replace(lab.vtepB(), HOST_B)
                .replace(lab.vtepA(), RELAY_B)
                .replace("device: uB", "device: rB, " + switches);
    }
}
