package dev.peregrine.bench.wire.row;

import dev.peregrine.bench.wire.lab.Ends;
import dev.peregrine.bench.wire.lab.Lab;
import dev.peregrine.bench.wire.lab.Placement;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests and responses between two applications over UDP. A request is due every millisecond; times are counted from
 * then, so that a late response shows in the ones behind it too (no coordinated omission).
 *
 * @param backgroundPacketsPerSecond UDP into the same container meanwhile; 0 is none
 */
record RoundTripRow(int backgroundPacketsPerSecond) implements Row.Traffic {
    private static final int PORT = Lab.PORT + 1;
    private static final long INTERVAL_NANOS = 1_000_000;
    private static final long WAKE_UP_NANOS = 120_000;
    private static final int TIMEOUT_MILLIS = 200;
    private static final int WARM_UP = 300;
    private static final int BACKGROUND_PAYLOAD_BYTES = 512;

    /** The line of the result. */
    Row row() {
        boolean isAlone = backgroundPacketsPerSecond == 0;
        return new Row(
                isAlone ? "rr/unloaded" : "rr/loaded",
                "UDP request/response, p50, "
                        + (isAlone ? "unloaded" : "beside %,d packets/s".formatted(backgroundPacketsPerSecond)),
                Latency.MEDIAN,
                Optional.empty(),
                Row.EVERY_MODE,
                contender -> !contender.lacksOffload() && !contender.hasRules(),
                0.6,
                this);
    }

    @Override
    public Map<String, Double> measure(Ends ends, Placement placement, double seconds) throws IOException {
        if (backgroundPacketsPerSecond == 0) {
            return roundTrips(ends, seconds);
        }
        UdpRow background = new UdpRow(new Load(1, BACKGROUND_PAYLOAD_BYTES, backgroundPacketsPerSecond), true);
        try (UdpSink sink = background.sink(ends);
                UdpSource source = background.source(ends, placement)) {
            Map<String, Double> metrics = roundTrips(ends, seconds);
            metrics.put("backgroundReceived", (double) sink.packets());
            metrics.put("backgroundSent", (double) source.packets());
            return metrics;
        }
    }

    private static Map<String, Double> roundTrips(Ends ends, double seconds) throws IOException {
        Lab lab = ends.lab();
        InetSocketAddress client = new InetSocketAddress(Ends.address(ends.clientAddress()), PORT);
        InetSocketAddress server = new InetSocketAddress(Ends.address(ends.serverAddress()), PORT);
        try (Echo _ = new Echo(UdpEnd.open(lab.on(ends.server()).netNamespace(), server, client));
                UdpEnd end = UdpEnd.open(lab.on(ends.client()).netNamespace(), client, server)) {
            exchange(end, 0, WARM_UP);
            return exchange(end, WARM_UP, (int) (seconds * 1e9 / INTERVAL_NANOS));
        }
    }

    /** Sends {@code count} requests, one a millisecond, numbered from {@code first}. */
    static Map<String, Double> exchange(UdpEnd end, int first, int count) throws IOException {
        Latency latency = new Latency();
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            long due = start + i * INTERVAL_NANOS;
            sleepUntil(due);
            end.send(first + i);
            if (isAnswered(end, first + i)) {
                latency.record(System.nanoTime() - due);
            }
        }
        return latency.metrics(count);
    }

    private static boolean isAnswered(UdpEnd end, long number) throws IOException {
        long answer = end.receive(TIMEOUT_MILLIS);
        while (answer >= 0 && answer < number) {
            answer = end.receive(TIMEOUT_MILLIS);
        }
        return answer == number;
    }

    /** Awake for the last stretch: a sleeper wakes up late, and that is not the path's time. */
    private static void sleepUntil(long nanos) {
        long left = nanos - System.nanoTime();
        while (left > 0) {
            if (left > WAKE_UP_NANOS) {
                LockSupport.parkNanos(left - WAKE_UP_NANOS);
            } else {
                Thread.onSpinWait();
            }
            left = nanos - System.nanoTime();
        }
    }
}
