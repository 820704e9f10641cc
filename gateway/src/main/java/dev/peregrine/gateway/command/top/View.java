package dev.peregrine.gateway.command.top;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.peregrine.gateway.command.noun.StatusCommand;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Rates as lines of text that fit a terminal. */
final class View {
    private static final int MOST_WORKERS = 8;
    private static final int MOST_DROPS = 6;

    /** Title and empty line of each part, and the lines at the top. */
    private static final int FRAME_LINES = 2;

    private static final int HEAD_LINES = 2;
    private static final int BITS = 8;
    private static final int PERCENT = 100;

    private static final Grid WORKERS = new Grid(
                    "WORKER", row -> row.path("name").asText())
            .column("CPU", 4, row -> row.path("cpu").asText("-"))
            .column("LOAD%", 5, row -> Grid.number(row.path("load").asDouble()))
            .column("PKT/S", 7, rate("packets"))
            .column("HAND-OFF/S", 10, rate("handOffs"))
            .column("WAKE-UP/S", 9, rate("wakeUps"))
            .column("REORDERS", 8, count("reorders"))
            .column("QUEUED", 6, count("queueDepth"))
            .column("POOL EMPTY", 10, count("poolEmpty"));

    private static final Grid PORTS = new Grid("PORT", row -> row.path("name").asText())
            .column("VNI", 8, row -> row.path("vni").asText())
            .column("STATE", 7, row -> row.path("state").asText())
            .column("RX PKT/S", 8, rate("rxPackets"))
            .column("RX BIT/S", 8, bits("rxBytes"))
            .column("TX PKT/S", 8, rate("txPackets"))
            .column("TX BIT/S", 8, bits("txBytes"));

    private static final Grid FLOWS = new Grid("FLOW", View::flow)
            .column("VNI", 8, row -> row.path("vni").asText())
            .column("PKT/S", 7, rate("packets"))
            .column("BIT/S", 7, bits("bytes"));

    private static final Grid DROPS = new Grid(
                    "DROPPED", row -> row.path("reason").asText())
            .column("PKT/S", 8, rate("count"))
            .column("TOTAL", 8, count("count"));

    /** Reasons that packets are dropped for now come before those of earlier ones. */
    private static final Comparator<JsonNode> NEWEST_DROPS = Comparator.comparingDouble(
                    (JsonNode row) -> row.path("countPerSecond").asDouble())
            .thenComparingLong(row -> row.path("count").asLong())
            .reversed();

    private View() {}

    private static Function<JsonNode, String> rate(String counter) {
        return row -> Grid.number(row.path(counter + "PerSecond").asDouble());
    }

    private static Function<JsonNode, String> bits(String counter) {
        return row -> Grid.number(BITS * row.path(counter + "PerSecond").asDouble());
    }

    private static Function<JsonNode, String> count(String counter) {
        return row -> Grid.number(row.path(counter).asDouble());
    }

    /**
     * The lines of a screen.
     *
     * @param width of each line at most
     * @param height how many at most
     */
    static List<String> lines(Rates rates, Order order, int width, int height) {
        List<String> lines = new ArrayList<>();
        head(rates, width, lines);
        List<JsonNode> workers = sorted(rates.workers(), null);
        List<JsonNode> ports = sorted(rates.ports(), order.ports());
        List<JsonNode> flows = sorted(rates.flows(), order.flows());
        List<JsonNode> drops = sorted(rates.drops(), NEWEST_DROPS);
        drops.removeIf(row -> row.path("count").asLong() == 0);

        int left = height - HEAD_LINES;
        left -= part(WORKERS, workers, Math.min(MOST_WORKERS, left - FRAME_LINES), width, lines);
        int dropLines = drops.isEmpty() ? 0 : Math.min(MOST_DROPS, drops.size()) + FRAME_LINES;
        int forBoth = left - dropLines;
        int forPorts = flows.isEmpty() ? forBoth : Math.max(forBoth / 2, forBoth - FRAME_LINES - flows.size());
        left -= part(PORTS, ports, forPorts - FRAME_LINES, width, lines);
        left -= part(FLOWS, flows, left - dropLines - FRAME_LINES, width, lines);
        part(DROPS, drops, Math.min(MOST_DROPS, left - FRAME_LINES), width, lines);
        return lines;
    }

    private static List<JsonNode> sorted(ArrayNode rows, @Nullable Comparator<JsonNode> order) {
        List<JsonNode> list = new ArrayList<>();
        rows.forEach(list::add);
        if (order != null) list.sort(order);
        return list;
    }

    private static int part(Grid grid, List<JsonNode> rows, int most, int width, List<String> lines) {
        int before = lines.size();
        if (!rows.isEmpty() && most > 0) lines.add("");
        grid.print(rows, most, width, lines);
        return lines.size() - before;
    }

    private static void head(Rates rates, int width, List<String> lines) {
        JsonNode status = rates.status();
        JsonNode cache = rates.flowStats();
        String waits = status.path("underlayReason").asText("");
        lines.add(Grid.cut(
                "peregrine " + status.path("version").asText() + ", up "
                        + StatusCommand.uptime(status.path("uptimeSeconds").asLong()) + ", "
                        + status.path("state").asText() + (waits.isEmpty() ? "" : ": " + waits) + ", "
                        + status.path("underlayMode").asText() + ", "
                        + status.path("schedule").asText(),
                width));
        double hits = cache.path("hitsPerSecond").asDouble();
        double all = hits
                + cache.path("missesPerSecond").asDouble()
                + cache.path("bypassesPerSecond").asDouble();
        lines.add(Grid.cut(
                "underlay rx " + perSecond(status, "rxPackets") + ", tx " + perSecond(status, "txPackets") + ", drops "
                        + perSecond(status, "drops") + "; "
                        + cache.path("entries").asText() + " flows"
                        + (all == 0 ? "" : ", fast path " + Grid.number(PERCENT * hits / all) + " %") + "; FDB "
                        + status.path("fdbEntries").asText(),
                width));
    }

    private static String perSecond(JsonNode row, String counter) {
        return Grid.number(row.path(counter + "PerSecond").asDouble()) + "/s";
    }

    /** As in {@code udp 198.19.0.1:5000 > 198.19.0.2:5201}. */
    static String flow(JsonNode row) {
        return row.path("protocol").asText() + " " + end(row, "source") + " > " + end(row, "destination");
    }

    private static String end(JsonNode row, String name) {
        String address = row.path(name).asText();
        if (row.path("protocol").asText().startsWith("icmp")) return address;
        return (address.contains(":") ? "[" + address + "]" : address) + ":"
                + row.path(name + "Port").asText();
    }
}
