package dev.peregrine.gateway.tier;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.fastpath.kernel.table.KernelFlows;
import dev.peregrine.fastpath.kernel.table.KernelTables;
import dev.peregrine.fastpath.kernel.table.Outcome;
import dev.peregrine.gateway.worker.EventLoopLane;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Lets flows pass in the kernel that wait for packets before them: for lost ones, or for those in a queue that is never
 * empty, as under overload.
 *
 * <pre>
 *   many wait, again and again ──► shed ─┐
 *   some have waited ────────────────────┴► note losses ──► a grace period ──► workers find nothing ──► write off
 *                                                            (another thread)     (workers)
 * </pre>
 *
 * <p>While it sheds, the program drops packets of installed flows that wait, instead of adding them to a queue: a flow
 * goes fast as soon as its packets in the queue have left, or are written off. Nobody waits on the control thread,
 * which this belongs to.
 */
final class Settling {
    /** The longest time that packets are shed. It ends when losses are written off: after a grace period, mostly. */
    private static final long SHED_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

    /** Packets in a turn that went slow since they had to wait: as many come by flows that would gain by the kernel. */
    private static final long MANY = 500;

    /** Turns with many in a row: no flow settles by itself any more. */
    private static final int STREAK = 4;

    /** From one time to the next, if it helped. */
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Twice as long after each time that did not help, up to this. */
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(64);

    private final KernelTables tables;
    private final KernelFlows flows;
    private final List<EventLoopLane> lanes;
    private final Graces graces;
    private long waitedAtWriteOff;
    private long waitedAtTurn;
    private long mergedAtTurn;
    private int streak;
    private long shed;
    private long lastShedding = System.nanoTime() - PERIOD_NANOS;
    private long pause = PERIOD_NANOS;
    private boolean wasCalm = true;

    /** Workers that have not answered yet; 0 while none is asked. */
    private int asked;

    private boolean isEmpty;

    Settling(KernelTables tables, KernelFlows flows, List<EventLoopLane> lanes, Graces graces) {
        this.tables = tables;
        this.flows = flows;
        this.lanes = lanes;
        this.graces = graces;
    }

    /** Where many packets have to wait, turn for turn, sheds those of waiting flows for a moment. */
    void turn(long nowNanos) {
        boolean many = manyWait();
        if (asked > 0) {
            return;
        }
        streak = many ? streak + 1 : 0;
        wasCalm = wasCalm || !many;
        if (streak >= STREAK && nowNanos - lastShedding >= pause) {
            pause = wasCalm ? PERIOD_NANOS : Math.min(2 * pause, LONGEST_NANOS);
            wasCalm = false;
            lastShedding = nowNanos;
            flows.shedUntil(nowNanos + SHED_NANOS);
            settle(nowNanos + SHED_NANOS);
        }
    }

    /** Packets of a flow that comes merged for the most part wait for superframes: there is nothing to gain. */
    private boolean manyWait() {
        long waited = tables.count(Outcome.UNSETTLED);
        long merged = tables.count(Outcome.MERGED);
        long more = waited - waitedAtTurn;
        boolean many = more >= MANY && more >= merged - mergedAtTurn;
        waitedAtTurn = waited;
        mergedAtTurn = merged;
        return many;
    }

    /**
     * Where packets were lost between a program and the gateway, their flows would walk for ever: lets them pass again,
     * if nothing of them comes for a moment. Costs the workers a turn, so only where packets had to wait since the last
     * call.
     */
    void writeOffLosses(long nowNanos) {
        long waited = tables.count(Outcome.UNSETTLED);
        if (waited != waitedAtWriteOff && asked == 0) {
            waitedAtWriteOff = waited;
            settle(nowNanos);
        }
    }

    /** Writes losses off that were there before; of counters that have packets meanwhile, none. */
    private void settle(long untilNanos) {
        asked = lanes.size();
        isEmpty = true;
        flows.noteLosses();
        graces.after(() -> lanes.forEach(lane -> ask(lane, untilNanos)));
    }

    private void ask(EventLoopLane lane, long untilNanos) {
        EmptyQueues.await(
                lane, () -> System.nanoTime() - untilNanos >= 0, areEmpty -> graces.onControl(() -> answer(areEmpty)));
    }

    private void answer(boolean foundNothing) {
        isEmpty &= foundNothing;
        asked--;
        if (asked > 0) {
            return;
        }
        if (isEmpty) {
            flows.writeOffLosses();
        }
        flows.shedUntil(0);
        count();
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
}
