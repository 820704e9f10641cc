package dev.peregrine.gateway.drops;

import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.gateway.control.report.StatusReport.KernelCounterRow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Frames that an interface lost on the way in since {@link #begin}. An interface that was replaced by another one
 * counts on; what that one lost before it was seen here is not counted. Belongs to the control thread.
 */
final class LinkLosses {
    private @Nullable Link seen;
    private long dropped;
    private long missed;
    private long errors;

    /** Takes note of the interface as it is, if it is there yet. */
    void begin(@Nullable Link link) {
        seen = link;
    }

    /** Counts what was lost since the last call. */
    void update(Link link) {
        Link before = seen;
        seen = link;
        if (before != null && before.index() == link.index()) {
            Link.Statistics from = before.statistics();
            Link.Statistics to = link.statistics();
            dropped += Math.max(0, to.rxDropped() - from.rxDropped());
            missed += Math.max(0, to.rxMissed() - from.rxMissed());
            errors += Math.max(0, to.rxErrors() - from.rxErrors());
        }
    }

    /** One row for each kind; none before the interface was seen. */
    List<KernelCounterRow> rows() {
        Link link = seen;
        if (link == null) {
            return List.of();
        }
        String name = link.name();
        return List.of(
                new KernelCounterRow(
                        name + " rx_dropped",
                        dropped,
                        "frames that the kernel dropped at the interface, or had no use for"),
                new KernelCounterRow(
                        name + " rx_missed", missed, "frames that found the interface's receive ring full"),
                new KernelCounterRow(name + " rx_errors", errors, "frames that the interface received broken"));
    }
}
