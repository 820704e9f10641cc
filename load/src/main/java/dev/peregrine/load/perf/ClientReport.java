package dev.peregrine.load.perf;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.load.perf.traffic.Streams;
import dev.peregrine.load.perf.traffic.Traffic;
import java.io.IOException;

/** Takes a client's measurements. */
interface ClientReport {

    /** Traffic begins. */
    void started(Streams streams, String cookie) throws IOException;

    /** An interval has ended, on a thread of its own; times in seconds. */
    void interval(double start, double end);

    /**
     * Ends the report.
     *
     * @param remote the server's {@link Streams#results}
     * @param cpuPercent the client's share of one core
     */
    void ended(Traffic traffic, JsonNode remote, double cpuPercent) throws IOException;
}
