package dev.peregrine.gateway.drops;

import dev.peregrine.gateway.control.report.StatusReport.OffloadRow;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log which offloads are in use, and each change: a kernel may refuse one in the middle of traffic. */
public final class OffloadLog {
    private static final Logger log = LoggerFactory.getLogger(OffloadLog.class);

    private final Map<String, OffloadRow> told = new HashMap<>();

    /** Tells what is new since the last call. */
    public void tell(List<OffloadRow> rows) {
        for (OffloadRow row : rows) {
            OffloadRow before = told.put(row.name(), row);
            if (row.equals(before)) continue;
            if (row.enabled()) {
                log.info("offload {} is on{}", row.name(), row.reason().isEmpty() ? "" : ": " + row.reason());
            } else if (before != null && before.enabled()) {
                log.warn("offload {} was switched off: {}", row.name(), row.reason());
            } else {
                log.info("offload {} is off: {}", row.name(), row.reason());
            }
        }
    }
}
