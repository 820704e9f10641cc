package dev.peregrine.load.perf.traffic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.load.Rates;

/**
 * Counts over a time, of one stream or summed over all, in the words of iperf3's JSON.
 *
 * @param packets datagrams, each counted once
 * @param lost datagrams that did not come
 */
public record Totals(
        double start, double end, long bytes, long packets, long lost, long reordered, double jitterMillis) {

    /** One stream, as this side has counted it from its start. */
    public static Totals of(Streams streams, int stream, double end) {
        return new Totals(
                0,
                end,
                streams.bytes(stream).value(),
                streams.packets(stream).value() - streams.sequences().duplicates(stream),
                streams.sequences().lost(stream),
                streams.sequences().reordered(stream),
                streams.jitterNanos(stream).value() / 1e6);
    }

    /** One stream, as the other side has counted it. */
    public static Totals of(JsonNode results, int stream) {
        JsonNode row = results.path("streams").path(stream);
        return new Totals(
                0,
                results.path("seconds").asDouble(),
                row.path("bytes").asLong(),
                row.path("packets").asLong() - row.path("duplicates").asLong(),
                row.path("lost").asLong(),
                row.path("reordered").asLong(),
                row.path("jitterNanos").asDouble() / 1e6);
    }

    /**
     * A receiver's totals, with the sender's count: datagrams lost first or last leave no gap that the receiver could
     * see.
     */
    public Totals outOf(long sent) {
        return new Totals(start, end, bytes, packets, Math.max(0, sent - packets), reordered, jitterMillis);
    }

    /** The part that came after {@code before}, until now. */
    public Totals since(Totals before) {
        return new Totals(
                before.end,
                end,
                bytes - before.bytes,
                packets - before.packets,
                lost - before.lost,
                reordered - before.reordered,
                jitterMillis);
    }

    /** Both together; of a sum over {@code n} streams the jitter is to be divided by {@code n}. */
    Totals plus(Totals other) {
        return new Totals(
                other.start,
                other.end,
                bytes + other.bytes,
                packets + other.packets,
                lost + other.lost,
                reordered + other.reordered,
                jitterMillis + other.jitterMillis);
    }

    /** The sum's jitter is the mean. */
    public static Totals sum(Totals[] streams) {
        Totals sum = new Totals(0, 0, 0, 0, 0, 0, 0);
        for (Totals stream : streams) sum = sum.plus(stream);
        return new Totals(
                sum.start,
                sum.end,
                sum.bytes,
                sum.packets,
                sum.lost,
                sum.reordered,
                sum.jitterMillis / Math.max(1, streams.length));
    }

    /** Length of the interval in seconds. */
    public double seconds() {
        return end - start;
    }

    /** Payload bits a second. */
    public double bitsPerSecond() {
        return Rates.perSecond(bytes * 8, seconds());
    }

    /** Datagrams that were sent, as the receiver can know it. */
    public long expected() {
        return packets + lost;
    }

    /** Datagrams that were lost, in percent of those expected; 0 where none was. */
    public double lostPercent() {
        return expected() == 0 ? 0 : Rates.round(100.0 * lost / expected());
    }

    /** The fields of every iperf3 row. */
    public ObjectNode json(boolean sender) {
        return Rates.object()
                .put("start", Rates.round(start))
                .put("end", Rates.round(end))
                .put("seconds", Rates.round(seconds()))
                .put("bytes", bytes)
                .put("bits_per_second", bitsPerSecond())
                .put("omitted", false)
                .put("sender", sender);
    }

    /** Adds the values that only a receiver of datagrams has. */
    public ObjectNode datagramJson(boolean sender) {
        return json(sender)
                .put("jitter_ms", Rates.round(jitterMillis))
                .put("lost_packets", lost)
                .put("packets", expected())
                .put("lost_percent", lostPercent())
                .put("out_of_order", reordered);
    }
}
