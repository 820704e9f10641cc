package dev.peregrine.gateway.tier;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.fastpath.kernel.table.KernelFlows;
import dev.peregrine.fastpath.kernel.table.KernelTables;
import dev.peregrine.fastpath.kernel.table.Outcome;
import dev.peregrine.gateway.worker.EventLoopLane;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets flows pass in the kernel that wait for packets before them: for lost ones, or for those in a queue that is never
 * empty, as under overload. Belongs to the control thread.
 *
 * <pre>
 *   flows wait ──► they pause: write losses off
 *        └── the socket overflows ──► shed their packets ──► queues are empty: write losses off ──► they pass in the kernel
 * </pre>
 *
 * <p>While it sheds, the program drops packets of installed flows that wait, instead of adding them to a queue that is full.
 */
final class Settling {
    /** The longest time that packets are shed; a full socket buffer takes some 60 ms. It ends when the queues are empty. */
    private static final long SHED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** From one time to the next, if it helped; and an overflow is over when nothing was lost for as long. */
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Twice as long after each time that did not help, up to this. */
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(64);

    /** Turns of a worker until it finds nothing more. */
    private static final int MOST_TURNS = 64;

    private static final Logger log = LoggerFactory.getLogger(Settling.class);

    private final KernelTables tables;
    private final KernelFlows flows;
    private final List<EventLoopLane> lanes;
    private long waitedAtWriteOff;
    private long waitedAtTurn;
    private long overflowed;
    private long shed;
    private long lastOverflow = System.nanoTime() - PERIOD_NANOS;
    private long lastShedding = lastOverflow;
    private long pause = PERIOD_NANOS;

    Settling(KernelTables tables, KernelFlows flows, List<EventLoopLane> lanes) {
        this.tables = tables;
        this.flows = flows;
        this.lanes = lanes;
        overflowed = overflows();
    }

    private long overflows() {
        return lanes.stream()
                .mapToLong(lane -> lane.drops().count(DropReason.UNDERLAY_RECEIVE_OVERFLOW))
                .sum();
    }

    /** Where flows have to wait and the socket overflows, sheds their packets for a moment. */
    void turn(long nowNanos) throws LinuxException {
        long waited = tables.count(Outcome.UNSETTLED);
        if (waited == waitedAtTurn) {
            return;
        }
        waitedAtTurn = waited;
        long before = overflowed;
        overflowed = overflows();
        lanes.forEach(EventLoopLane::countLosses); // for the next turn
        if (overflowed != before) {
            pause = nowNanos - lastOverflow < PERIOD_NANOS ? pause : PERIOD_NANOS; // each overload has its own
            lastOverflow = nowNanos;
        }
        if (nowNanos - lastOverflow < PERIOD_NANOS && nowNanos - lastShedding >= pause) {
            lastShedding = nowNanos;
            shed();
        }
    }

    private void shed() throws LinuxException {
        flows.shedUntil(System.nanoTime() + SHED_NANOS);
        try {
            pause = settle() > 0 ? PERIOD_NANOS : Math.min(2 * pause, LONGEST_NANOS);
        } finally {
            flows.shedUntil(0);
            count();
        }
    }

    /** Counts what was shed, on a worker. */
    void count() {
        long now = tables.count(Outcome.SHED);
        long more = now - shed;
        shed = now;
        if (more > 0) {
            EventLoopLane lane = lanes.getFirst();
            lane.execute(() -> lane.drops().add(DropReason.UNDERLAY_SHED, more));
        }
    }

    /**
     * Where packets were lost between a program and the gateway, their flows would walk for ever: lets them pass again, if
     * nothing of them came for a moment. Costs the workers a turn, so only where packets had to wait since the last call.
     */
    void writeOffLosses() throws LinuxException {
        long waited = tables.count(Outcome.UNSETTLED);
        if (waited != waitedAtWriteOff) {
            waitedAtWriteOff = waited;
            settle();
        }
    }

    /** Writes losses off, unless packets come all the time; returns of how many order counters. */
    private int settle() throws LinuxException {
        flows.noteLosses();
        for (EventLoopLane lane : lanes) {
            if (!isExhausted(lane)) {
                return 0;
            }
        }
        return flows.writeOffLosses();
    }

    private static boolean isExhausted(EventLoopLane lane) {
        try {
            return lane.call(() -> lane.worker().exhaust(MOST_TURNS));
        } catch (IOException | IllegalStateException e) {
            log.debug("worker {} does not come to its end: {}", lane.id(), e.getMessage());
            return false;
        }
    }
}
