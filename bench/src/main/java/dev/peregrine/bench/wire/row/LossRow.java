package dev.peregrine.bench.wire.row;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.wire.lab.Ends;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.lab.Placement;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * UDP between the containers at a rate, by iperf3 with the socket buffers that Linux gives by default: the share of the
 * sent packets that does not arrive.
 *
 * @param reverse whether the container on host B sends
 */
public record LossRow(Load load, boolean reverse) implements Row.Traffic {
    /** Of the packets sent. */
    public static final String LOST_PERCENT = "lostPercent";
    /** Packets that the sender's socket took. */
    public static final String SENT = "sentPackets";
    /** Packets that the receiver read from its socket. */
    static final String RECEIVED = "receivedPackets";
    /** Packets that were sent and did not arrive, but for those that came when the receiver counted no more. */
    public static final String LOST = "lostPackets";

    private static final Metric LOSS = new Metric(LOST_PERCENT, "Packets lost", "%", true);

    /** The line of the result. */
    Row row() {
        return new Row(
                "loss/%dx%d/%s".formatted(load.flows(), load.payloadBytes(), reverse ? "reverse" : "forward"),
                "UDP lost, iperf3, %,d packets/s of %d B, %s the container"
                        .formatted(load.packetsPerSecond(), load.payloadBytes(), reverse ? "out of" : "into"),
                LOSS,
                Optional.of(Row.CPU_PER_PACKET),
                List.of(Mode.WIRE, Mode.MODERATED, Mode.UNFILLED),
                contender -> !contender.lacksOffload() && !contender.hasRules(),
                0.7,
                this);
    }

    @Override
    public Map<String, Double> measure(Ends ends, Placement placement, double seconds) throws IOException {
        long bitsPerSecond = (long) load.packetsPerSecond() * load.payloadBytes() * Byte.SIZE;
        List<String> options = List.of(
                "--udp",
                "--bitrate",
                Long.toString(bitsPerSecond),
                "--length",
                Integer.toString(load.payloadBytes()),
                "--parallel",
                Integer.toString(load.flows()));
        Iperf3.Outcome outcome = Iperf3.run(ends, seconds, reverse, options);
        Map<String, Double> metrics = metrics(outcome.end());
        double received = metrics.getOrDefault(RECEIVED, 0.0);
        if (received > 0) {
            metrics.put(Row.CPU_PER_PACKET.name(), outcome.busyNanos() / received);
        }
        return metrics;
    }

    /**
     * From the counts of both ends. iperf3's own percentage leaves out all packets behind the last one that it counted,
     * and it counts none that it reads after the end. At most a millisecond's packets may be such; the others are lost.
     *
     * @param end the object of that name in the report
     */
    Map<String, Double> metrics(JsonNode end) throws IOException {
        JsonNode sender = end.path("sum_sent");
        JsonNode receiver = end.path("sum_received");
        double sent = sender.path("bytes").asDouble() / load.payloadBytes();
        double received = receiver.path("bytes").asDouble() / load.payloadBytes();
        double seconds = sender.path("seconds").asDouble();
        if (sent <= 0 || seconds <= 0) {
            throw new IOException("iperf3: its report does not say what was sent; this wants version 3.12 or later");
        }
        double behind = Math.max(0, sent - receiver.path("packets").asDouble());
        double late = Math.min(behind, load.packetsPerSecond() / 1000.0);
        double lost = Math.max(0, sent - received - late);
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put(LOST_PERCENT, 100 * lost / sent);
        metrics.put("offeredPercent", 100 * sent / seconds / load.packetsPerSecond());
        metrics.put("offeredMpps", sent / seconds / 1e6);
        metrics.put("mpps", received / seconds / 1e6);
        metrics.put(SENT, sent);
        metrics.put(RECEIVED, received);
        metrics.put(LOST, lost);
        metrics.put("latePackets", late);
        return metrics;
    }
}
