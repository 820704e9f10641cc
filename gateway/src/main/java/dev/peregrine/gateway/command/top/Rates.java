package dev.peregrine.gateway.command.top;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.gateway.command.client.Globals;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The changes between two looks at a gateway: the rows of the later one, and for each counter in them, how much it rose
 * in a second, as in {@code packetsPerSecond}.
 */
final class Rates {
    private static final List<String> WORKER_COUNTERS =
            List.of("packets", "handOffs", "wakeUps", "reorders", "poolEmpty");
    private static final List<String> PORT_COUNTERS = List.of("rxPackets", "txPackets", "rxBytes", "txBytes");
    private static final List<String> FLOW_COUNTERS = List.of("packets", "bytes");
    private static final List<String> FLOW_KEY =
            List.of("vni", "protocol", "source", "sourcePort", "destination", "destinationPort", "in", "worker");
    private static final List<String> STATUS_COUNTERS = List.of("rxPackets", "txPackets", "drops");
    private static final List<String> CACHE_COUNTERS = List.of("hits", "misses", "bypasses");

    private final double seconds;
    private final ObjectNode status;
    private final ObjectNode flowStats;
    private final ArrayNode workers;
    private final ArrayNode ports;
    private final ArrayNode flows;
    private final ArrayNode drops;

    /** A counter that fell belongs to another gateway than before, or to a new thing of the name: it began at 0. */
    Rates(Sample before, Sample now) {
        seconds = Math.max(1, now.nanos() - before.nanos()) / 1e9;
        status = row(before.status(), now.status(), STATUS_COUNTERS);
        flowStats = row(before.flowStats(), now.flowStats(), CACHE_COUNTERS);
        workers = rows(before.workers(), now.workers(), List.of("name"), WORKER_COUNTERS);
        ports = rows(before.ports(), now.ports(), List.of("name"), PORT_COUNTERS);
        flows = rows(before.flows(), now.flows(), FLOW_KEY, FLOW_COUNTERS);
        drops = rows(before.drops(), now.drops(), List.of("reason"), List.of("count"));
    }

    private ArrayNode rows(JsonNode before, JsonNode now, List<String> key, List<String> counters) {
        Map<String, JsonNode> known = new HashMap<>();
        before.forEach(row -> known.put(key(row, key), row));
        ArrayNode rows = Globals.mapper().createArrayNode();
        for (JsonNode row : now) {
            JsonNode earlier = known.get(key(row, key));
            rows.add(row(earlier == null ? Globals.mapper().createObjectNode() : earlier, row, counters));
        }
        return rows;
    }

    private static String key(JsonNode row, List<String> fields) {
        StringBuilder key = new StringBuilder();
        fields.forEach(field -> key.append(row.path(field).asText()).append(' '));
        return key.toString();
    }

    private ObjectNode row(JsonNode before, JsonNode now, List<String> counters) {
        ObjectNode row = now.deepCopy();
        for (String counter : counters) {
            long end = now.path(counter).asLong();
            long begin = before.path(counter).asLong();
            row.put(counter + "PerSecond", (end < begin ? end : end - begin) / seconds);
        }
        return row;
    }

    /** The time between the looks. */
    double seconds() {
        return seconds;
    }

    ObjectNode status() {
        return status;
    }

    ObjectNode flowStats() {
        return flowStats;
    }

    ArrayNode workers() {
        return workers;
    }

    ArrayNode ports() {
        return ports;
    }

    ArrayNode flows() {
        return flows;
    }

    ArrayNode drops() {
        return drops;
    }

    /** All of it as one object. */
    ObjectNode json() {
        ObjectNode all = Globals.mapper().createObjectNode();
        all.put("seconds", seconds);
        all.set("status", status);
        all.set("flowStats", flowStats);
        all.set("workers", workers);
        all.set("ports", ports);
        all.set("flows", flows);
        all.set("drops", drops);
        return all;
    }
}
