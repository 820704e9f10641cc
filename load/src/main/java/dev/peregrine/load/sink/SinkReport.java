package dev.peregrine.load.sink;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.command.client.Terminal;
import dev.peregrine.load.Rates;
import dev.peregrine.load.Sequences;
import java.util.Locale;

/** The report of a {@link Sink}: a line per interval on stderr, totals at the end. */
final class SinkReport {
    private static final int RUN_SHIFT = 24;
    private static final int INDEX_MASK = (1 << RUN_SHIFT) - 1;

    private final Sink sink;
    private final Account account;
    private final Terminal terminal;
    private final boolean quiet;
    private final boolean perFlow;
    private final ArrayNode intervals = Rates.object().putArray("intervals");
    private long packets;
    private long bytes;
    private long lost;
    private long reordered;

    SinkReport(Sink sink, Terminal terminal, boolean quiet, boolean perFlow) {
        this.sink = sink;
        this.account = sink.account();
        this.terminal = terminal;
        this.quiet = quiet;
        this.perFlow = perFlow;
    }

    /** An interval has ended; times in seconds. */
    void interval(double start, double end) {
        long morePackets = account.packets.value() - packets;
        long moreBytes = account.bytes.value() - bytes;
        long moreLost = account.sequences.lost() - lost;
        long moreReordered = account.sequences.reordered() - reordered;
        packets += morePackets;
        bytes += moreBytes;
        lost += moreLost;
        reordered += moreReordered;
        intervals.add(Rates.interval(start, end, morePackets, moreBytes)
                .put("lost", moreLost)
                .put("reordered", moreReordered));
        if (quiet) return;
        terminal.err()
                .println(String.format(Locale.ROOT, "%6.1f-%-6.1f s  received ", start, end)
                        + Rates.text(morePackets, moreBytes, end - start)
                        + "  lost " + moreLost + "  reordered " + moreReordered);
    }

    /** Prints the totals. */
    void totals() throws LinuxException {
        if (terminal.json()) terminal.out().println(json().toPrettyString());
        else text();
        terminal.out().flush();
    }

    private void text() throws LinuxException {
        Sequences sequences = account.sequences;
        long received = account.packets.value();
        terminal.out()
                .println(String.format(Locale.ROOT, "received %d packets in %.3f s: ", received, account.seconds())
                        + Rates.text(received, account.bytes.value(), account.seconds())
                                .strip()
                        + " (UDP payload)");
        terminal.out()
                .println(String.format(
                        Locale.ROOT,
                        "lost %d (%.4f %%), duplicates %d, reordered %d (by up to %d), in %d flows",
                        sequences.lost(),
                        lostPercent(),
                        sequences.duplicates(),
                        sequences.reordered(),
                        sequences.farthest(),
                        account.flows.distinct()));
        if (sequences.skipped() > 0) terminal.out().println("sent before the first that came: " + sequences.skipped());
        if (account.foreign.value() > 0)
            terminal.out().println("something else, or spoilt: " + account.foreign.value());
        if (sink.socketDrops() > 0) {
            terminal.out().println("dropped at this socket, its queue full or a checksum wrong: " + sink.socketDrops());
        }
        sink.echo()
                .ifPresent(echo -> terminal.out()
                        .println("sent back " + echo.sent()
                                + (echo.refused() == 0 ? "" : ", not taken by the kernel " + echo.refused())));
        if (received > 0) {
            terminal.out().println("latency: " + Rates.percentilesText(account.latency) + " (one clock: same host)");
        }
        if (account.ahead() > 0) {
            terminal.err().println("The latencies mean nothing: packets came before they were sent by this clock.");
        }
    }

    private double lostPercent() {
        Sequences sequences = account.sequences;
        long unique = account.packets.value() - sequences.duplicates();
        long expected = unique + sequences.lost();
        return expected == 0 ? 0 : Rates.round(100.0 * sequences.lost() / expected);
    }

    private ObjectNode json() throws LinuxException {
        Sequences sequences = account.sequences;
        long received = account.packets.value();
        ObjectNode json = Rates.object()
                .put("listen", sink.plan().listen().toString())
                .put("vxlan", sink.plan().vxlan())
                .put("gro", sink.receiver().gro())
                .put("ended", sink.ended())
                .put("seconds", Rates.round(account.seconds()))
                .put("packets", received)
                .put("bytes", account.bytes.value())
                .put("packetsPerSecond", Rates.perSecond(received, account.seconds()))
                .put("bitsPerSecond", Rates.perSecond(account.bytes.value() * 8, account.seconds()))
                .put("lost", sequences.lost())
                .put("lostPercent", lostPercent())
                .put("duplicates", sequences.duplicates())
                .put("reordered", sequences.reordered())
                .put("reorderDistance", sequences.farthest())
                .put("skipped", sequences.skipped())
                .put("foreign", account.foreign.value())
                .put("socketDrops", sink.socketDrops())
                .put("socketQueueBytes", sink.receiver().queueBytes())
                .put("ecnCapable", account.capable())
                .put("congestionExperienced", account.congested())
                .put("flows", account.flows.distinct())
                .put("flowsEvicted", account.flows.evicted());
        sink.echo().ifPresent(echo -> json.put("sentBack", echo.sent()).put("sendsRefused", echo.refused()));
        json.set("latencyMicros", latency());
        json.set("intervals", intervals);
        if (perFlow) json.set("perFlow", flows());
        return json;
    }

    private ObjectNode latency() {
        ObjectNode latency = Rates.percentiles(account.latency);
        latency.put("clock", "one clock: sender and receiver on the same host").put("impossible", account.ahead());
        return latency;
    }

    private ArrayNode flows() {
        ArrayNode rows = Rates.object().putArray("perFlow");
        for (int slot = 0; slot < account.flows.capacity(); slot++) {
            if (!account.flows.isUsed(slot)) continue;
            int flow = account.flows.flow(slot);
            rows.addObject()
                    .put("run", flow >>> RUN_SHIFT)
                    .put("flow", flow & INDEX_MASK)
                    .put("packets", account.sequences.packets(slot))
                    .put("lost", account.sequences.lost(slot))
                    .put("duplicates", account.sequences.duplicates(slot))
                    .put("reordered", account.sequences.reordered(slot));
        }
        return rows;
    }
}
