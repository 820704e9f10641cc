package dev.peregrine.load.perf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.gateway.command.client.Terminal;
import dev.peregrine.load.Rates;
import dev.peregrine.load.perf.traffic.RequestTraffic;
import dev.peregrine.load.perf.traffic.Streams;
import dev.peregrine.load.perf.traffic.Traffic;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** Latencies of requests: a line per interval on stderr and percentiles on stdout, or JSON. */
final class RequestReport extends ClientReport {
    private long before;

    RequestReport(Client client, Terminal terminal, boolean quiet) {
        super(client, terminal, quiet);
    }

    @Override
    void interval(double begin, double end) {
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
    void ended(Traffic traffic, JsonNode remote, double cpuPercent) {
        Histogram latency = ((RequestTraffic) traffic).latency();
        long requests = ((RequestTraffic) traffic).requests();
        long answered = responses(traffic.streams());
        double seconds = traffic.streams().seconds();
        if (terminal.json()) {
            ObjectNode end = Rates.object();
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
            printJson(end, remote, cpuPercent);
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
