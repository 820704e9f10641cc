package dev.peregrine.bench.wire.row;

import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.machine.CpuTime;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Ends;
import dev.peregrine.bench.wire.lab.Lab;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.lab.Pause;
import dev.peregrine.bench.wire.lab.Placement;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * UDP into the container: the packets that a socket there receives from a sender at full speed, or the cost of packets
 * at a fixed rate that every contender can carry.
 *
 * @param gro whether the socket takes several datagrams at once
 */
record UdpRow(Load load, boolean gro) implements Row.Traffic {
    private static final Metric THROUGHPUT = new Metric("mpps", "Packets received", "Mpps");
    private static final Metric CPU = new Metric(Row.CPU_PER_PACKET.name(), "CPU time for a packet", "ns", true);
    private static final double RAMP_SECONDS = 0.5;
    private static final double DRAIN_SECONDS = 0.1;
    private static final double NANOS = 1e9;

    /** The line of the result. */
    Row row() {
        boolean isPaced = load.isPaced();
        String traffic = "UDP %d flow%s of %d B, %s socket"
                .formatted(load.flows(), load.flows() == 1 ? "" : "s", load.payloadBytes(), gro ? "GRO" : "plain");
        return new Row(
                "%s/%dx%d/%s"
                        .formatted(isPaced ? "cpu" : "udp", load.flows(), load.payloadBytes(), gro ? "gro" : "plain"),
                isPaced ? "CPU per packet, %s, %,d packets/s".formatted(traffic, load.packetsPerSecond()) : traffic,
                isPaced ? CPU : THROUGHPUT,
                isPaced ? Optional.empty() : Optional.of(Row.CPU_PER_PACKET),
                Row.EVERY_MODE.stream().filter(this::isIn).toList(),
                this::suits,
                RAMP_SECONDS + DRAIN_SECONDS + 0.2,
                this);
    }

    private boolean isIn(Mode mode) {
        return switch (mode) {
            case WIRE -> true;
            case MODERATED, UNFILLED -> !load.isPaced() && load.flows() != 8 && load.payloadBytes() != 512;
            case OFFLOAD -> load.flows() == 1 && gro && load.payloadBytes() != 512;
        };
    }

    private boolean suits(Contender contender) {
        if (contender.lacksOffload()) {
            return load.flows() == 1 && !load.isPaced();
        }
        return contender.hasRules() ? load.flows() == 1 : contender != Contender.PEREGRINE_SPIN;
    }

    @Override
    public Map<String, Double> measure(Ends ends, Placement placement, double seconds) throws IOException {
        try (UdpSink sink = sink(ends)) {
            Map<String, Double> metrics;
            try (UdpSource source = source(ends, placement)) {
                Pause.seconds(RAMP_SECONDS);
                Reading before = Reading.take(source, sink);
                Pause.seconds(seconds);
                metrics = metrics(before, Reading.take(source, sink));
            }
            Pause.seconds(DRAIN_SECONDS); // gives packets in flight the time to reach their socket
            return metrics;
        }
    }

    /** The application, to be closed by the caller. */
    UdpSink sink(Ends ends) throws IOException {
        InetSocketAddress address = new InetSocketAddress(Ends.address(ends.serverAddress()), Lab.PORT);
        return UdpSink.open(ends.lab().on(ends.server()).netNamespace(), address, gro);
    }

    /** The traffic, to be closed by the caller. */
    UdpSource source(Ends ends, Placement placement) throws LinuxException {
        return UdpSource.start(
                ends.lab().on("hA").netNamespace(),
                Ends.address(ends.lab().a().vtep()),
                ends.datagramsTo(),
                ends.overlay(),
                load,
                placement.senderCpu());
    }

    private Map<String, Double> metrics(Reading before, Reading after) {
        double seconds = (after.nanos - before.nanos) / NANOS;
        double received = after.received - before.received;
        double cpuNanos = after.busyNanos - before.busyNanos - (after.senderNanos - before.senderNanos);
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put(THROUGHPUT.name(), received / seconds / 1e6);
        metrics.put("gbps", received * load.payloadBytes() * Byte.SIZE / seconds / 1e9);
        metrics.put("offeredMpps", (after.sent - before.sent) / seconds / 1e6);
        metrics.put("sendsRefused", (double) (after.refused - before.refused));
        if (received > 0) {
            metrics.put(Row.CPU_PER_PACKET.name(), cpuNanos / received);
        }
        return metrics;
    }

    /** All counters at one time. */
    private record Reading(long nanos, long sent, long refused, long received, long busyNanos, long senderNanos) {
        static Reading take(UdpSource source, UdpSink sink) throws IOException {
            return new Reading(
                    System.nanoTime(),
                    source.packets(),
                    source.refused(),
                    sink.packets(),
                    CpuTime.busyNanos(),
                    source.cpuNanos());
        }
    }
}
