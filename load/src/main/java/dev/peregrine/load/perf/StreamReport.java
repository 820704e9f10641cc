package dev.peregrine.load.perf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.gateway.command.client.Terminal;
import dev.peregrine.load.Rates;
import dev.peregrine.load.perf.traffic.Streams;
import dev.peregrine.load.perf.traffic.Totals;
import dev.peregrine.load.perf.traffic.Traffic;
import java.util.Locale;

/** Throughput: lines per interval on stderr and totals on stdout, or JSON in the shape of iperf3's. */
final class StreamReport extends ClientReport {
    private Totals[] before = {};

    StreamReport(Client client, Terminal terminal, boolean quiet) {
        super(client, terminal, quiet);
    }

    @Override
    void started(Streams started, String cookie) {
        before = snapshot(started, 0);
        super.started(started, cookie);
    }

    private static Totals[] snapshot(Streams streams, double end) {
        Totals[] rows = new Totals[streams.count()];
        for (int i = 0; i < rows.length; i++) rows[i] = Totals.of(streams, i, end);
        return rows;
    }

    @Override
    void interval(double begin, double end) {
        if (streams == null) return;
        Totals[] now = snapshot(streams, end);
        Totals[] rows = new Totals[now.length];
        for (int i = 0; i < rows.length; i++) rows[i] = now[i].since(before[i]);
        before = now;
        intervals.add(rowsJson(rows));
        if (quiet) return;
        for (int i = 0; i < rows.length; i++) terminal.err().println(line(Integer.toString(i + 1), rows[i]));
        if (rows.length > 1) terminal.err().println(line("SUM", Totals.sum(rows)));
    }

    private ObjectNode rowsJson(Totals[] rows) {
        ObjectNode interval = Rates.object();
        ArrayNode all = interval.putArray("streams");
        for (int i = 0; i < rows.length; i++) {
            ObjectNode row = intervalRow(rows[i]);
            all.addObject().put("socket", i + 1).setAll(row);
        }
        interval.set("sum", intervalRow(Totals.sum(rows)));
        return interval;
    }

    /** A sender of datagrams knows their number, a receiver also the missing ones. */
    private ObjectNode intervalRow(Totals row) {
        if (!plan.udp()) return row.json(!plan.reverse());
        return plan.reverse() ? row.datagramJson(false) : row.json(true).put("packets", row.packets());
    }

    private String line(String name, Totals row) {
        String datagrams = "";
        if (plan.udp()) {
            datagrams = plan.reverse()
                    ? String.format(
                            Locale.ROOT, "  lost %d/%d (%.2f %%)", row.lost(), row.expected(), row.lostPercent())
                    : "  " + row.packets() + " datagrams";
        }
        return String.format(
                Locale.ROOT,
                "[%3s] %6.2f-%-6.2f s %9.3f MBytes %9.4f Gbit/s%s",
                name,
                row.start(),
                row.end(),
                row.bytes() / 1e6,
                row.bitsPerSecond() / 1e9,
                datagrams);
    }

    @Override
    void ended(Traffic traffic, JsonNode remote, double cpuPercent) {
        Streams local = traffic.streams();
        Totals[] here = snapshot(local, local.seconds());
        Totals[] there = new Totals[here.length];
        for (int i = 0; i < there.length; i++) there[i] = Totals.of(remote, i);
        Totals[] sent = plan.reverse() ? there : here;
        Totals[] received = plan.reverse() ? here : there;
        for (int i = 0; i < sent.length && plan.udp(); i++) received[i] = received[i].outOf(sent[i].packets());
        if (terminal.json()) {
            printJson(end(sent, received), remote, cpuPercent);
        } else {
            text(sent, received);
        }
        terminal.out().flush();
    }

    private ObjectNode end(Totals[] sent, Totals[] received) {
        ObjectNode end = Rates.object();
        ArrayNode rows = end.putArray("streams");
        for (int i = 0; i < sent.length; i++) {
            ObjectNode row = rows.addObject();
            if (plan.udp()) {
                row.putObject("udp").put("socket", i + 1).setAll(udpRow(sent[i], received[i]));
            } else {
                row.putObject("sender").put("socket", i + 1).setAll(sent[i].json(true));
                row.putObject("receiver").put("socket", i + 1).setAll(received[i].json(false));
            }
        }
        Totals sumSent = Totals.sum(sent);
        Totals sumReceived = Totals.sum(received);
        if (plan.udp()) {
            end.set("sum", udpRow(sumSent, sumReceived));
            end.set("sum_sent", sumSent.json(true).put("packets", sumSent.packets()));
            end.set("sum_received", sumReceived.datagramJson(false));
        } else {
            end.set("sum_sent", sumSent.json(true));
            end.set("sum_received", sumReceived.json(false));
        }
        return end;
    }

    /** As iperf3 has it: bytes and rate of the sender, losses of the receiver. */
    private static ObjectNode udpRow(Totals sent, Totals received) {
        ObjectNode row = received.datagramJson(true);
        row.setAll(sent.json(true));
        return row.put("packets", sent.packets());
    }

    private void text(Totals[] sent, Totals[] received) {
        for (int i = 0; i < sent.length && sent.length > 1; i++) both(Integer.toString(i + 1), sent[i], received[i]);
        both(sent.length > 1 ? "SUM" : "1", Totals.sum(sent), Totals.sum(received));
    }

    private void both(String name, Totals sent, Totals received) {
        terminal.out()
                .println(String.format(
                        Locale.ROOT,
                        "[%3s] sent     %9.3f MBytes in %.2f s %9.4f Gbit/s",
                        name,
                        sent.bytes() / 1e6,
                        sent.seconds(),
                        sent.bitsPerSecond() / 1e9));
        String losses = !plan.udp()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "  lost %d/%d (%.4f %%)  jitter %.3f ms  reordered %d",
                        received.lost(),
                        received.expected(),
                        received.lostPercent(),
                        received.jitterMillis(),
                        received.reordered());
        terminal.out()
                .println(String.format(
                        Locale.ROOT,
                        "[%3s] received %9.3f MBytes in %.2f s %9.4f Gbit/s%s",
                        name,
                        received.bytes() / 1e6,
                        received.seconds(),
                        received.bitsPerSecond() / 1e9,
                        losses));
    }
}
