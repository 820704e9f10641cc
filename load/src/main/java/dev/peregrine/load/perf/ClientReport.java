package dev.peregrine.load.perf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.gateway.command.client.Terminal;
import dev.peregrine.load.Rates;
import dev.peregrine.load.perf.traffic.PerfPlan;
import dev.peregrine.load.perf.traffic.Streams;
import dev.peregrine.load.perf.traffic.Traffic;
import org.jspecify.annotations.Nullable;

/** Takes a client's measurements: lines per interval on stderr and totals on stdout, or JSON. */
abstract class ClientReport {
    final PerfPlan plan;
    final Terminal terminal;
    final boolean quiet;
    final ArrayNode intervals = Rates.object().putArray("intervals");
    private final StartReport start;

    @Nullable
    Streams streams;

    /** {@code quiet} leaves out the lines per interval. */
    ClientReport(Client client, Terminal terminal, boolean quiet) {
        plan = client.plan();
        this.terminal = terminal;
        this.quiet = quiet;
        start = new StartReport(client);
    }

    /** Traffic begins. */
    void started(Streams started, String cookie) {
        streams = started;
        start.started(cookie);
    }

    /** An interval has ended, on a thread of its own; times in seconds. */
    abstract void interval(double begin, double end);

    /**
     * Ends the report.
     *
     * @param remote the server's {@link Streams#results}
     * @param cpuPercent the client's share of one core
     */
    abstract void ended(Traffic traffic, JsonNode remote, double cpuPercent);

    /** Prints {@code end} behind the start and the intervals, with both sides' load. */
    final void printJson(ObjectNode end, JsonNode remote, double cpuPercent) {
        end.putObject("cpu_utilization_percent")
                .put("host_total", cpuPercent)
                .put("remote_total", remote.path("cpuPercent").asDouble());
        ObjectNode json = Rates.object();
        json.set("start", start.json());
        json.set("intervals", intervals);
        json.set("end", end);
        terminal.out().println(json.toPrettyString());
    }
}
