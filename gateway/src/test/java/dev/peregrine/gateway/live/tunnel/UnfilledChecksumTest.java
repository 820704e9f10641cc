package dev.peregrine.gateway.live.tunnel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A sender that leaves its offloads on, as a kernel VTEP on a veth pair does: inner checksums hold the pseudo-header
 * sum only, and frames of up to 64 KiB cross the underlay uncut.
 */
@LiveTest
class UnfilledChecksumTest {
    private static final long STREAM_BYTES = 32 << 20;

    @ParameterizedTest
    @EnumSource(names = {"IPV4_OFFLOAD", "IPV6_OFFLOAD"})
    void superframesWithUnfilledChecksumsGetThrough(Underlay underlay) {
        try (Scene scene = Scene.open(underlay)) {
            Lab lab = scene.lab();
            String features = lab.hA().output("ethtool", "-k", "uA");
            assertTrue(features.contains("tx-checksumming: on"), features);
            Ping.loses0(lab.cA(), Lab.INNER_B, 3, 56);
            long packets = received(lab, "packets");
            long bytes = received(lab, "bytes");
            Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, STREAM_BYTES, 1);
            double mean = (double) (received(lab, "bytes") - bytes) / (received(lab, "packets") - packets);
            assertTrue(mean > 4 * Underlay.MTU, "no superframes crossed: mean of " + mean + " bytes");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE"})
    void segmentsWithUnfilledChecksumsGetThrough(Underlay underlay) {
        try (Scene scene = Scene.open(underlay)) {
            Lab lab = scene.lab();
            lab.cA().output("ethtool", "-K", "eth0", "tso", "off", "gso", "off", "tx", "on");
            Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, STREAM_BYTES, 1);
            Stream.arrivesIntact(lab.cB(), lab.cA(), Lab.INNER_A, STREAM_BYTES, 1);
        }
    }

    private static long received(Lab lab, String what) {
        return Long.parseLong(lab.hB()
                .output("cat", "/sys/class/net/uB/statistics/rx_" + what)
                .strip());
    }
}
