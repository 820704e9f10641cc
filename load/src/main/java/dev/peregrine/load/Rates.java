package dev.peregrine.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.HdrHistogram.AbstractHistogram;

/** How rates and latencies are worded, as text and as JSON. */
public final class Rates {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Rates() {}

    /** An empty JSON object. */
    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** Packets, bytes and their rates over the time from {@code start} to {@code end}, in seconds. */
    public static ObjectNode interval(double start, double end, long packets, long bytes) {
        double seconds = end - start;
        return object().put("start", round(start))
                .put("end", round(end))
                .put("packets", packets)
                .put("bytes", bytes)
                .put("packetsPerSecond", perSecond(packets, seconds))
                .put("bitsPerSecond", perSecond(bytes * 8, seconds));
    }

    /** The same in words: {@code 1.532 Mpps  0.834 Gbit/s}. */
    public static String text(long packets, long bytes, double seconds) {
        return String.format(
                Locale.ROOT,
                "%8.4f Mpps %8.3f Gbit/s",
                perSecond(packets, seconds) / 1e6,
                perSecond(bytes * 8, seconds) / 1e9);
    }

    /** A quantity per second; 0 over no time. */
    public static double perSecond(long amount, double seconds) {
        return seconds > 0 ? round(amount / seconds) : 0;
    }

    /** Percentiles of a histogram of nanoseconds, in microseconds. */
    public static ObjectNode percentiles(AbstractHistogram nanos) {
        return object().put("count", nanos.getTotalCount())
                .put("min", micros(nanos.getTotalCount() == 0 ? 0 : nanos.getMinValue()))
                .put("mean", round(nanos.getMean() / 1000))
                .put("p50", micros(nanos.getValueAtPercentile(50)))
                .put("p90", micros(nanos.getValueAtPercentile(90)))
                .put("p99", micros(nanos.getValueAtPercentile(99)))
                .put("p999", micros(nanos.getValueAtPercentile(99.9)))
                .put("max", micros(nanos.getMaxValue()));
    }

    /** The same in words. */
    public static String percentilesText(AbstractHistogram nanos) {
        return String.format(
                Locale.ROOT,
                "p50 %.1f µs, p99 %.1f µs, p99.9 %.1f µs, max %.1f µs",
                micros(nanos.getValueAtPercentile(50)),
                micros(nanos.getValueAtPercentile(99)),
                micros(nanos.getValueAtPercentile(99.9)),
                micros(nanos.getMaxValue()));
    }

    /** To six decimal places, which is more than was measured. */
    public static double round(double value) {
        return Math.round(value * 1e6) / 1e6;
    }

    private static double micros(long nanos) {
        return round(nanos / 1000.0);
    }
}
