package dev.peregrine.bench.wire.row;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The parts that measure, over the loopback interface of the current namespace. */
class MeasurementTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int PORT = 21_900;
    private static final int WANTED = 2_000;

    @Test
    void countsWhatArrivesAtAGroSocketInDatagrams() throws IOException {
        countsDatagrams(true);
    }

    @Test
    void countsWhatArrivesAtAPlainSocket() throws IOException {
        countsDatagrams(false);
    }

    private static void countsDatagrams(boolean gro) throws IOException {
        InetSocketAddress address = new InetSocketAddress(LOOPBACK, PORT);
        Load load = new Load(2, 100, 20_000);
        try (UdpSink sink = UdpSink.open(NetNamespace.current(), address, gro)) {
            try (UdpSource source = UdpSource.start(
                    NetNamespace.current(),
                    LOOPBACK,
                    UdpAddress.of(LOOPBACK, PORT),
                    false,
                    load,
                    CpuAffinity.current()[0])) {
                assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
                    while (sink.packets() < WANTED) {
                        Thread.onSpinWait();
                    }
                });
                assertTrue(source.cpuNanos() > 0);
            }
            assertEquals(sink.packets() * load.payloadBytes(), sink.bytes());
        }
    }

    @Test
    void takesTimesFromRequestToResponse() throws IOException {
        InetSocketAddress client = new InetSocketAddress(LOOPBACK, PORT + 1);
        InetSocketAddress server = new InetSocketAddress(LOOPBACK, PORT + 2);
        try (Echo _ = new Echo(UdpEnd.open(NetNamespace.current(), server, client));
                UdpEnd end = UdpEnd.open(NetNamespace.current(), client, server)) {
            Map<String, Double> metrics = RoundTripRow.exchange(end, 7, 50);
            assertEquals(0, metrics.get("lost"));
            assertTrue(metrics.getOrDefault(Latency.P50, 0.0) > 0);
        }
    }

    @Test
    void reportsLatencyByPercentile() throws IOException {
        Latency latency = new Latency();
        for (int micros = 1; micros <= 1000; micros++) {
            latency.record(micros * 1000L);
        }
        Map<String, Double> metrics = latency.metrics(1000);
        assertEquals(500, metrics.getOrDefault(Latency.P50, 0.0), 1);
        assertEquals(990, metrics.getOrDefault(Latency.P99, 0.0), 1);
        assertEquals(999, metrics.getOrDefault(Latency.P999, 0.0), 1);
        assertThrows(IOException.class, () -> new Latency().metrics(1));
    }
}
