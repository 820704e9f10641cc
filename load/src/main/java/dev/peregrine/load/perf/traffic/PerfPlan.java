package dev.peregrine.load.perf.traffic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.load.DatagramSender;
import dev.peregrine.load.Rates;
import dev.peregrine.load.Stamp;

/**
 * The test that client and server agree on.
 *
 * @param udp or else TCP
 * @param requests whether the client sends requests, which the server answers; else one side sends, the other receives
 * @param reverse whether the server is the one that sends
 * @param streams 1 to 128, at the same time
 * @param length bytes of a datagram, a write, or a request
 * @param rate bits per second and stream, or requests per second and stream; 0: as fast as possible, requests one after
 *     the other
 * @param seconds how long to send
 * @param gso whether UDP uses segmentation and receive offload
 */
public record PerfPlan(
        boolean udp,
        boolean requests,
        boolean reverse,
        int streams,
        int length,
        double rate,
        double seconds,
        boolean gso) {
    static final int MAX_STREAMS = 128;
    static final int MAX_LENGTH = 4 << 20;
    static final double MAX_SECONDS = 86_400;

    /** The fault of it; empty without one. */
    public String fault() {
        int most = udp ? DatagramSender.MAX_LENGTH : MAX_LENGTH;
        int least = udp || requests ? Stamp.LENGTH : 1;
        if (length < least || length > most) return "the length must be from " + least + " to " + most + " bytes";
        if (streams < 1 || streams > MAX_STREAMS) return "the streams must be 1 to " + MAX_STREAMS;
        if (!(seconds > 0 && seconds <= MAX_SECONDS)) return "the time must be more than 0 and at most 86400 seconds";
        if (!(rate >= 0 && rate < 1e15)) return "the rate must be more than 0";
        return requests && reverse ? "requests come from the client: no reverse" : "";
    }

    /** Datagrams, writes or requests per second and stream; 0: as fast as possible. */
    double perSecond() {
        return requests ? rate : rate / 8 / length;
    }

    /** The plan as the client sends it to the server. */
    public ObjectNode json() {
        return Rates.object()
                .put("udp", udp)
                .put("requests", requests)
                .put("reverse", reverse)
                .put("streams", streams)
                .put("length", length)
                .put("rate", rate)
                .put("seconds", seconds)
                .put("gso", gso);
    }

    /** Reads the other side's plan; missing values fail {@link #fault}. */
    public static PerfPlan of(JsonNode json) {
        return new PerfPlan(
                json.path("udp").asBoolean(),
                json.path("requests").asBoolean(),
                json.path("reverse").asBoolean(),
                json.path("streams").asInt(),
                json.path("length").asInt(),
                json.path("rate").asDouble(-1),
                json.path("seconds").asDouble(),
                json.path("gso").asBoolean());
    }
}
