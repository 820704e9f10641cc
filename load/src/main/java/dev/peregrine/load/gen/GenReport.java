package dev.peregrine.load.gen;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.gateway.command.client.Terminal;
import dev.peregrine.load.Rates;
import java.util.Locale;

/** The report of a {@link Generator}: a line per interval on stderr, totals at the end. */
final class GenReport {
    private final Generator generator;
    private final Terminal terminal;
    private final boolean quiet;
    private final ArrayNode intervals = Rates.object().putArray("intervals");
    private long packets;
    private long bytes;

    GenReport(Generator generator, Terminal terminal, boolean quiet) {
        this.generator = generator;
        this.terminal = terminal;
        this.quiet = quiet;
    }

    /** An interval has ended; times in seconds. */
    void interval(double start, double end) {
        long morePackets = generator.sent() - packets;
        long moreBytes = generator.sentBytes() - bytes;
        packets += morePackets;
        bytes += moreBytes;
        intervals.add(Rates.interval(start, end, morePackets, moreBytes).put("lagMicros", generator.lagNanos() / 1000));
        if (quiet) return;
        String lag = generator.plan().packetsPerSecond() > 0 ? "  lag " + generator.lagNanos() / 1000 + " µs" : "";
        terminal.err()
                .println(String.format(Locale.ROOT, "%6.1f-%-6.1f s  sent ", start, end)
                        + Rates.text(morePackets, moreBytes, end - start)
                        + lag);
    }

    /** Prints the totals. */
    void totals() {
        if (terminal.json()) terminal.out().println(json().toPrettyString());
        else text();
    }

    private void text() {
        GenPlan plan = generator.plan();
        double seconds = generator.elapsedSeconds();
        terminal.out()
                .println(String.format(
                                Locale.ROOT,
                                "sent %d of %d packets in %.3f s: ",
                                generator.sent(),
                                generator.offered(),
                                seconds)
                        + Rates.text(generator.sent(), generator.sentBytes(), seconds)
                                .strip()
                        + " (VXLAN header and inner frame)");
        if (plan.malformedPercent() > 0) terminal.out().println("malformed: " + malformed());
        if (plan.churnPerSecond() > 0) terminal.out().println("flows replaced: " + generator.replaced());
        if (generator.lag().getTotalCount() > 0) {
            terminal.out().println("behind schedule: " + Rates.percentilesText(generator.lag()));
        }
        terminal.out().flush();
    }

    private ObjectNode json() {
        GenPlan plan = generator.plan();
        double seconds = generator.elapsedSeconds();
        ObjectNode json = Rates.object()
                .put("to", plan.to().toString())
                .put("vni", plan.vni())
                .put("innerDestination", plan.destination().toString())
                .put("innerSource", plan.source().toString())
                .put("payload", plan.sizes().toString())
                .put("flows", plan.flows())
                .put("burst", plan.burst())
                .put("gso", plan.gso())
                .put("seed", plan.seed())
                .put("run", plan.run())
                .put("rate", plan.packetsPerSecond())
                .put("seconds", Rates.round(seconds))
                .put("offered", generator.offered())
                .put("packets", generator.sent())
                .put("bytes", generator.sentBytes())
                .put("packetsPerSecond", Rates.perSecond(generator.sent(), seconds))
                .put("bitsPerSecond", Rates.perSecond(generator.sentBytes() * 8, seconds))
                .put("sendCalls", generator.sendCalls())
                .put("flowsReplaced", generator.replaced());
        json.set("malformed", malformed());
        json.set("lagMicros", Rates.percentiles(generator.lag()));
        json.set("intervals", intervals);
        return json;
    }

    private ObjectNode malformed() {
        ObjectNode counts = Rates.object();
        generator.mutations().counts().forEach(counts::put);
        return counts;
    }
}
