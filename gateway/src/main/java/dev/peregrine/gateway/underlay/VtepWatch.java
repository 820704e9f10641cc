package dev.peregrine.gateway.underlay;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.gateway.worker.EventLoopLane;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.RemoteVtep.Standing;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.underlay.VtepCounters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongBiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Watches the counters of all lanes for each remote VTEP: when a datagram to it failed last and why, which the log is
 * told, and how the VTEP stands. Belongs to the control thread.
 */
public final class VtepWatch {
    /** How long a VTEP stands as its last datagram or failure left it. */
    private static final long LATELY_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final VtepTable vteps;
    private final List<EventLoopLane> lanes;
    private final SendFailureLog log;
    private final Map<RemoteVtep, Seen> seen = new HashMap<>();

    /** By index: the counts that VTEPs have left which were forgotten, and with which another begins. */
    private final Map<Integer, Seen> left = new HashMap<>();

    /** Watches the VTEPs of {@code vteps} by the counters of {@code lanes}. */
    public VtepWatch(VtepTable vteps, List<EventLoopLane> lanes, SendFailureLog log) {
        this.vteps = vteps;
        this.lanes = lanes;
        this.log = log;
    }

    /** The last datagram to a VTEP that failed. */
    public record Failure(int errno, long nanos) {
        /** As in {@code EHOSTUNREACH (no route to host)}. */
        public String text() {
            return Errno.name(errno) + " (" + Errno.text(errno) + ")";
        }

        /** How long ago it was, at most a second late. */
        public long seconds(long nowNanos) {
            return TimeUnit.NANOSECONDS.toSeconds(nowNanos - nanos);
        }
    }

    /** Datagrams from and to a VTEP, and bytes of UDP payload. */
    public record Traffic(long rxDatagrams, long txDatagrams, long rxBytes, long txBytes) {}

    /** Sums as they were at the last tick, and when they rose last. */
    private static final class Seen {
        private final long[] failed;
        private Traffic before = new Traffic(0, 0, 0, 0);
        private long received;
        private long unreachable;
        private boolean wasHeard;
        private long heardNanos;
        private long unreachableNanos;
        private Optional<Failure> failure = Optional.empty();

        Seen(int lanes, long longAgoNanos) {
            failed = new long[lanes];
            heardNanos = longAgoNanos;
            unreachableNanos = longAgoNanos;
        }
    }

    /** The last failure of a datagram to a VTEP; empty before the first. */
    public Optional<Failure> lastFailure(RemoteVtep vtep) {
        Seen known = seen.get(vtep);
        return known == null ? Optional.empty() : known.failure;
    }

    /** How long ago a datagram came from a VTEP, as of the last tick; null if none has come. */
    public @Nullable Long lastHeardSeconds(RemoteVtep vtep, long nowNanos) {
        Seen known = seen.get(vtep);
        return known == null || !known.wasHeard
                ? null
                : (Long) TimeUnit.NANOSECONDS.toSeconds(nowNanos - known.heardNanos);
    }

    /** The datagrams that came from a VTEP and went to it. */
    public Traffic traffic(RemoteVtep vtep) {
        Seen known = seen.getOrDefault(vtep, left.get(vtep.index()));
        Traffic all = all(vtep.index());
        Traffic before = known == null ? new Traffic(0, 0, 0, 0) : known.before;
        return new Traffic(
                all.rxDatagrams - before.rxDatagrams,
                all.txDatagrams - before.txDatagrams,
                all.rxBytes - before.rxBytes,
                all.txBytes - before.txBytes);
    }

    /** All that was counted under an index, for whatever VTEP. */
    private Traffic all(int index) {
        return new Traffic(
                sum(index, VtepCounters::receivedDatagrams),
                sum(index, VtepCounters::sentDatagrams),
                sum(index, VtepCounters::receivedBytes),
                sum(index, VtepCounters::sentBytes));
    }

    private long sum(int index, ToLongBiFunction<VtepCounters, Integer> counter) {
        return lanes.stream()
                .mapToLong(lane -> counter.applyAsLong(lane.underlay().vtepCounters(), index))
                .sum();
    }

    /** A VTEP was forgotten, and its index goes to another: that one's counts begin where they are now. */
    public void forget(RemoteVtep vtep) {
        int index = vtep.index();
        seen.remove(vtep);
        Seen end = new Seen(lanes.size(), 0);
        end.before = all(index);
        end.received = end.before.rxDatagrams;
        end.unreachable = sum(index, VtepCounters::unreachableDatagrams);
        for (EventLoopLane lane : lanes) {
            end.failed[lane.id()] = lane.underlay().vtepCounters().failedDatagrams(index);
        }
        left.put(index, end);
    }

    private Seen begin(RemoteVtep vtep, long longAgoNanos) {
        Seen end = left.remove(vtep.index());
        Seen begun = new Seen(lanes.size(), longAgoNanos);
        if (end != null) {
            begun.before = end.before;
            begun.received = end.received;
            begun.unreachable = end.unreachable;
            System.arraycopy(end.failed, 0, begun.failed, 0, begun.failed.length);
        }
        return begun;
    }

    /** Looks at all VTEPs; once a second. */
    public void tick(long nowNanos) {
        for (RemoteVtep vtep : vteps.list()) {
            Seen known = seen.computeIfAbsent(vtep, key -> begin(key, nowNanos - LATELY_NANOS));
            long received = 0;
            long unreachable = 0;
            for (EventLoopLane lane : lanes) {
                VtepCounters counters = lane.underlay().vtepCounters();
                received += counters.receivedDatagrams(vtep.index());
                unreachable += counters.unreachableDatagrams(vtep.index());
                lookForFailures(vtep, known, lane, nowNanos);
            }
            if (received != known.received) {
                known.received = received;
                known.wasHeard = true;
                known.heardNanos = nowNanos;
            }
            if (unreachable != known.unreachable) {
                known.unreachable = unreachable;
                known.unreachableNanos = nowNanos;
            }
            vtep.standing(standing(known, nowNanos));
        }
        log.tick(nowNanos);
    }

    private void lookForFailures(RemoteVtep vtep, Seen known, EventLoopLane lane, long nowNanos) {
        VtepCounters counters = lane.underlay().vtepCounters();
        long failed = counters.failedDatagrams(vtep.index());
        long more = failed - known.failed[lane.id()];
        if (more > 0) {
            known.failed[lane.id()] = failed;
            known.failure = Optional.of(new Failure(counters.lastErrno(vtep.index()), nowNanos));
            log.failed(vtep, counters, more, nowNanos);
        }
    }

    private static Standing standing(Seen known, long nowNanos) {
        if (nowNanos - known.heardNanos < LATELY_NANOS) {
            return Standing.HEARD;
        }
        return nowNanos - known.unreachableNanos < LATELY_NANOS ? Standing.FAILING : Standing.SILENT;
    }
}
