package dev.peregrine.load.perf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.gateway.command.client.Terminal;
import dev.peregrine.load.Rates;
import dev.peregrine.load.perf.traffic.PerfPlan;
import dev.peregrine.load.perf.traffic.RequestTraffic;
import dev.peregrine.load.perf.traffic.Streams;
import dev.peregrine.load.perf.traffic.Traffic;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Latencies of requests: a line per interval on stderr and percentiles on stdout, or JSON. */
final class RequestReport implements ClientReport {
    private final PerfPlan plan;
    private final Terminal terminal;
    private final boolean quiet;
    private final StartReport start;
    private final ArrayNode intervals = Rates.object().putArray("intervals");
    private @Nullable Streams streams;
    private long before;

    RequestReport(Client client, Terminal terminal, boolean quiet) {
        this.plan = client.plan();
        this.terminal = terminal;
        this.quiet = quiet;
        this.start = new StartReport(client);
    }

    @Override
    public void started(Streams started, String cookie) {
        streams = started;
        start.started(cookie);
    }

    @Override
    public void interval(double begin, double end) {
        if (streams == null) return;
        long now = responses(streams);
        long more = now - before;
        before = now;
        ObjectNode sum = Rates.object()
                .put("start", Rates.round(begin))
                .put("end", Rates.round(end))
                .put("seconds", Rates.round(end - begin))
                .put("transactions", more)
                .put("transactions_per_second", Rates.perSecond(more, end - begin));
        intervals.addObject().set("sum", sum);
        if (quiet) return;
        double rate = Rates.perSecond(more, end - begin);
        terminal.err().println(String.format(Locale.ROOT, "%6.2f-%-6.2f s %10.0f responses/s", begin, end, rate));
    }

    private static long responses(Streams streams) {
        long sum = 0;
        for (int i = 0; i < streams.count(); i++) sum += streams.packets(i).value();
        return sum;
    }

    @Override
    public void ended(Traffic traffic, JsonNode remote, double cpuPercent) {
        Histogram latency = ((RequestTraffic) traffic).latency();
        long requests = ((RequestTraffic) traffic).requests();
        long answered = responses(traffic.streams());
        double seconds = traffic.streams().seconds();
        if (terminal.json()) {
            ObjectNode json = Rates.object();
            json.set("start", start.json());
            json.set("intervals", intervals);
            ObjectNode end = json.putObject("end");
            ObjectNode sum = end.putObject("sum")
                    .put("start", 0)
                    .put("end", Rates.round(seconds))
                    .put("seconds", Rates.round(seconds))
                    .put("requests", requests)
                    .put("transactions", answered)
                    .put("transactions_per_second", Rates.perSecond(answered, seconds))
                    .put("lost", requests - answered)
                    .put("target_rate", plan.rate());
            sum.set("latency_us", Rates.percentiles(latency));
            end.putObject("cpu_utilization_percent")
                    .put("host_total", cpuPercent)
                    .put("remote_total", remote.path("cpuPercent").asDouble());
            terminal.out().println(json.toPrettyString());
        } else {
            terminal.out()
                    .println(String.format(
                            Locale.ROOT,
                            "%d of %d requests answered in %.2f s: %.0f per second",
                            answered,
                            requests,
                            seconds,
                            Rates.perSecond(answered, seconds)));
            terminal.out().println("latency: " + Rates.percentilesText(latency));
        }
        terminal.out().flush();
    }
}
