package dev.peregrine.gateway.live.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.gateway.live.lab.Jvm;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.Figures;
import dev.peregrine.testkit.live.Iperf;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Workers allocate nothing per packet: the allocation counters of their threads, as the JVM prints them, under real
 * traffic through underlay sockets and TAP devices.
 *
 * <p>Tasks of the control thread allocate a little per second, and code that warms up does; so the best of some rounds
 * counts. It must stay under a byte in {@value #PACKETS_PER_BYTE} packets: the smallest object for a superframe of 64
 * segments would be more.
 */
@LiveTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AllocationTest {
    private static final int PACKETS_PER_BYTE = 5;
    private static final int ROUNDS = 15;
    private static final int LEAST_PACKETS = 20_000;
    private static final Pattern ALLOCATED =
            Pattern.compile("^\"worker-\\d+\".* allocated=(\\d+)([BKM]) ", Pattern.MULTILINE);

    private final Scene scene = Scene.open(Underlay.IPV4_WIRE);

    @AfterAll
    void close() {
        scene.close();
    }

    enum Load {
        TCP_IN,
        TCP_OUT,
        UDP_IN,
        UDP_OUT;

        void run(Iperf iperf) {
            switch (this) {
                case TCP_IN -> iperf.tcp(false);
                case TCP_OUT -> iperf.tcp(true);
                case UDP_IN -> iperf.udp(false, 100_000, 18);
                case UDP_OUT -> iperf.udp(true, 100_000, 18);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothingPerPacket(Load load) {
        var iperf = new Iperf(scene.lab().cA(), scene.lab().cB(), Lab.INNER_B, 1);
        double least = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS && least * PACKETS_PER_BYTE > 1; round++) {
            long bytes = allocatedBytes();
            long packets = packets();
            load.run(iperf);
            packets = packets() - packets;
            bytes = allocatedBytes() - bytes;
            if (packets >= LEAST_PACKETS) least = Math.min(least, (double) bytes / packets);
        }
        Figures.print("%s allocates %.4f bytes per packet".formatted(load, least));
        double found = least;
        assertTrue(least * PACKETS_PER_BYTE <= 1, () -> found + " bytes per packet");
    }

    /** Wire packets that the worker has carried, in both directions. */
    private long packets() {
        var port = scene.gateway().port("web");
        return port.path("rxPackets").asLong() + port.path("txPackets").asLong();
    }

    /** The bytes that the workers' threads have allocated so far. */
    private long allocatedBytes() {
        String threads = Command.output(Jvm.tool("jcmd"), "" + scene.gateway().pid(), "Thread.print", "-e");
        Matcher worker = ALLOCATED.matcher(threads);
        long bytes = 0;
        int workers = 0;
        for (; worker.find(); workers++) bytes += Long.parseLong(worker.group(1)) * unit(worker.group(2));
        assertTrue(workers > 0, threads);
        return bytes;
    }

    private static long unit(String letter) {
        return switch (letter) {
            case "K" -> 1 << 10;
            case "M" -> 1 << 20;
            default -> 1;
        };
    }
}
