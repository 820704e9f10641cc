package dev.peregrine.bench.wire.row;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.bench.machine.CpuTime;
import dev.peregrine.bench.wire.lab.Ends;
import dev.peregrine.bench.wire.lab.Lab;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.testkit.live.Iperf;
import java.io.IOException;
import java.util.List;

/** Traffic of iperf3; the client is on the side whose overlay is always the kernel's. */
final class Iperf3 {
    private Iperf3() {}

    /**
     * How a run came out.
     *
     * @param end the object of that name in the client's report
     * @param bytes that it saw, the time included that it leaves out of its sums ({@code --omit})
     * @param busyNanos CPU time of the machine meanwhile, both programs included
     */
    record Outcome(JsonNode end, double bytes, double busyNanos) {}

    /**
     * Runs a server and a client to their ends.
     *
     * @param seconds of traffic, rounded to whole ones
     * @param reverse whether the server sends
     * @param options further ones of the client
     * @throws IOException if nothing arrives
     */
    static Outcome run(Ends ends, double seconds, boolean reverse, List<String> options) throws IOException {
        Lab lab = ends.lab();
        int wholeSeconds = (int) Math.max(1, Math.round(seconds));
        Iperf iperf = new Iperf(lab.on(ends.client()), lab.on(ends.server()), ends.serverAddress(), wholeSeconds);
        try (BackgroundProcess _ = iperf.listen()) {
            long before = CpuTime.busyNanos();
            JsonNode report = iperf.connect(reverse, options);
            return outcome(report, (double) (CpuTime.busyNanos() - before));
        }
    }

    /** Reads a client's report. */
    static Outcome outcome(JsonNode report, double busyNanos) throws IOException {
        JsonNode end = report.path("end");
        if (end.path("sum_received").path("bytes").asLong() == 0) {
            throw new IOException("iperf3: nothing arrived");
        }
        double bytes = 0;
        for (JsonNode interval : report.path("intervals")) {
            bytes += interval.path("sum").path("bytes").asDouble();
        }
        return new Outcome(end, Math.max(1, bytes), busyNanos);
    }
}
