package dev.peregrine.gateway.drops;

import dev.peregrine.dataplane.packet.DropCounters.Sample;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.gateway.control.report.DropRow;
import dev.peregrine.gateway.worker.EventLoopLane;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Watches the drops of the whole gateway: how many in the last second, when the last, and of which packet. Workers have
 * no part in it but to leave a sample where one was taken; the times are those of the ticks. Belongs to the control
 * thread.
 */
public final class DropWatch {
    private final DropTotals totals;
    private final List<EventLoopLane> lanes;
    private final SampleReader reader;
    private final Seen[] seen = new Seen[DropReason.values().length];
    private long tickNanos;

    /** The knowledge of one reason. */
    private static final class Seen {
        private long count;
        private long countAtTick;
        private long perSecond;
        private long roseNanos;
        private @Nullable DroppedPacket last;
    }

    /**
     * Watches the drops that {@code totals} counts.
     *
     * @param lanes whose workers leave samples
     * @param nowNanos the time, by the clock of the ticks
     */
    public DropWatch(DropTotals totals, List<EventLoopLane> lanes, SampleReader reader, long nowNanos) {
        this.totals = totals;
        this.lanes = lanes;
        this.reader = reader;
        tickNanos = nowNanos;
        Arrays.setAll(seen, reason -> new Seen());
    }

    /** Looks at all reasons, and measures their rates; about once a second. */
    public void tick(long nowNanos) {
        look(nowNanos);
        long elapsedNanos = Math.max(1, nowNanos - tickNanos);
        tickNanos = nowNanos;
        for (Seen known : seen) {
            long more = known.count - known.countAtTick;
            known.countAtTick = known.count;
            known.perSecond = Math.round((double) more * TimeUnit.SECONDS.toNanos(1) / elapsedNanos);
        }
    }

    private void look(long nowNanos) {
        for (DropReason reason : DropReason.values()) {
            Seen known = seen[reason.index()];
            for (EventLoopLane lane : lanes) {
                Sample sample = lane.drops().take(reason);
                if (sample != null) {
                    known.last = reader.read(reason, sample);
                }
            }
            long count = totals.count(reason);
            if (count != known.count) {
                known.count = count;
                known.roseNanos = nowNanos;
            }
        }
    }

    /** Every reason, in the order of the enumeration, as of now. */
    public List<DropRow> rows(long nowNanos) {
        look(nowNanos);
        List<DropRow> rows = new ArrayList<>();
        for (DropReason reason : DropReason.values()) {
            rows.add(row(reason, seen[reason.index()], nowNanos));
        }
        return rows;
    }

    private static DropRow row(DropReason reason, Seen known, long nowNanos) {
        DroppedPacket last = known.last == null ? DroppedPacket.UNKNOWN : known.last;
        return new DropRow(
                reason.name(),
                known.count,
                known.perSecond,
                known.count == 0 ? null : (Long) TimeUnit.NANOSECONDS.toSeconds(nowNanos - known.roseNanos),
                last.vni(),
                last.vtep(),
                last.port(),
                last.mac(),
                last.error(),
                reason.text());
    }
}
