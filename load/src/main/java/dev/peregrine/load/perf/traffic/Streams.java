package dev.peregrine.load.perf.traffic;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.load.Rates;
import dev.peregrine.load.Sequences;
import java.util.stream.Stream;

/**
 * The counts of one side's streams. One thread writes the counts of each stream; any thread may read them, and sees
 * values that are at most a little old. Only a receiver of datagrams knows how many were lost.
 */
public final class Streams {
    private final Counter[] bytes;
    private final Counter[] packets;
    private final Counter[] jitters;
    private final Sequences sequences;
    private volatile double seconds;

    Streams(int count) {
        bytes = counters(count);
        packets = counters(count);
        jitters = counters(count);
        sequences = new Sequences(count);
    }

    private static Counter[] counters(int count) {
        return Stream.generate(Counter::new).limit(count).toArray(Counter[]::new);
    }

    /** Number of streams. */
    public int count() {
        return bytes.length;
    }

    Counter bytes(int stream) {
        return bytes[stream];
    }

    /** Datagrams, or requests. */
    public Counter packets(int stream) {
        return packets[stream];
    }

    /** RFC 3550 section 6.4.1, in nanoseconds. */
    Counter jitterNanos(int stream) {
        return jitters[stream];
    }

    /** A slot for each stream. */
    Sequences sequences() {
        return sequences;
    }

    /** How long the streams took; 0 before their end. */
    public double seconds() {
        return seconds;
    }

    void seconds(double elapsed) {
        seconds = elapsed;
    }

    /** For the other side: totals of each stream. */
    public ObjectNode results() {
        ObjectNode results = Rates.object().put("seconds", seconds);
        ArrayNode rows = results.putArray("streams");
        for (int i = 0; i < count(); i++) {
            rows.addObject()
                    .put("bytes", bytes[i].value())
                    .put("packets", packets[i].value())
                    .put("lost", sequences.lost(i))
                    .put("duplicates", sequences.duplicates(i))
                    .put("reordered", sequences.reordered(i))
                    .put("jitterNanos", jitters[i].value());
        }
        return results;
    }
}
