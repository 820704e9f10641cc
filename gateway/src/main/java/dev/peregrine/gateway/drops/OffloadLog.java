package dev.peregrine.gateway.drops;

import dev.peregrine.gateway.control.report.StatusReport.OffloadRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Tells the log which offloads are in use, and each change: a kernel may refuse one in the middle of traffic. Ports
 * whose offload is alike share a line, since there may be a thousand.
 */
public final class OffloadLog {
    private static final Logger log = LoggerFactory.getLogger(OffloadLog.class);

    private final Map<String, OffloadRow> told = new HashMap<>();

    /** Tells what is new since the last call. */
    public void tell(List<OffloadRow> rows) {
        for (Line line : news(rows)) {
            log.atLevel(line.level()).log(line.text());
        }
    }

    record Line(Level level, String text) {}

    List<Line> news(List<OffloadRow> rows) {
        List<Line> lines = new ArrayList<>();
        Map<OffloadRow, List<String>> alike = new LinkedHashMap<>();
        for (OffloadRow row : rows) {
            OffloadRow before = told.put(row.name(), row);
            if (row.equals(before)) continue;
            if (!row.enabled() && before != null && before.enabled()) {
                lines.add(new Line(Level.WARN, "offload " + row.name() + " was switched off: " + row.reason()));
            } else {
                OffloadRow kind = new OffloadRow(kind(row.name()), row.enabled(), row.reason());
                alike.computeIfAbsent(kind, any -> new ArrayList<>()).add(row.name());
            }
        }
        told.keySet().retainAll(rows.stream().map(OffloadRow::name).toList());
        alike.forEach((kind, names) -> lines.add(new Line(Level.INFO, text(kind, names))));
        return lines;
    }

    /** The name without that of the port. */
    private static String kind(String name) {
        return name.startsWith("port ") ? name.substring(name.lastIndexOf(' ') + 1) : name;
    }

    private static String text(OffloadRow kind, List<String> names) {
        String name = names.size() == 1 ? names.getFirst() : kind.name() + " of " + names.size() + " ports";
        String reason = kind.reason().isEmpty() ? "" : ": " + kind.reason();
        return "offload " + name + " is " + (kind.enabled() ? "on" : "off") + reason;
    }
}
