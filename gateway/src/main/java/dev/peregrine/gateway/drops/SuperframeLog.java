package dev.peregrine.gateway.drops;

import dev.peregrine.dataplane.packet.DropReason;
import java.util.EnumSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log once for each reason why superframes are dropped, and what to switch off: a workload just seems slow
 * then. Belongs to the control thread.
 */
public final class SuperframeLog {
    private static final Logger log = LoggerFactory.getLogger(SuperframeLog.class);

    private final DropTotals totals;
    private final Set<DropReason> untold = EnumSet.of(
            DropReason.SUPERFRAME_UNSUPPORTED, DropReason.SUPERFRAME_SEGMENTS, DropReason.SUPERFRAME_TOO_LONG);

    /** Reads the drops of {@code losses}. */
    public SuperframeLog(DropTotals totals) {
        this.totals = totals;
    }

    /** Tells what is new since the last call. */
    public void tell() {
        untold.removeIf(reason -> {
            boolean isDropped = totals.count(reason) > 0;
            if (isDropped) {
                log.warn("{}: {}", reason, reason.text());
            }
            return isDropped;
        });
    }
}
