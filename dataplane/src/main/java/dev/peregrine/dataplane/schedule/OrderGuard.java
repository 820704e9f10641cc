package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.schedule.Topology.WorkerScope;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the packets of a flow in order when its path changes. The worker that receives a flow decides its path, which
 * travels with the packets, so that all hand-offs agree; and it takes a new path only when every packet that went the
 * old one has settled: was delivered, sent or dropped, and is home. Until then what the flow brings is parked. So a flow
 * that never pauses can move all the same.
 *
 * <p>The marker of a flow's last packet on the old path is the count of packets with its ticket that are still out, kept
 * by the pool that they return to. Flows share tickets by hash; those that do move together.
 *
 * <p>Falcon itself has no such guard: between its two choices, and when it turns off, packets can overtake each other.
 * An unguarded guard only numbers packets, for {@link OrderCheck}. Belongs to one worker.
 */
final class OrderGuard {
    /** Packets that may be parked; one more is dropped as {@link DropReason#LINK_FULL}. */
    static final int CAPACITY = 1024;

    private final Steering steering;
    private final int[] deviceIds;
    private final int here;
    private final boolean guarded;
    private final PacketPool pool;
    private final DropCounters drops;

    private final OrderCheck check;

    /** By ticket: the path of its flows, and whether they wait to leave it. */
    private final long[] paths = new long[PacketPool.TICKETS];

    private final boolean[] moving = new boolean[PacketPool.TICKETS];

    private final Packet[] parked = new Packet[CAPACITY];
    private final Handoff[] parkedAt = new Handoff[CAPACITY];
    private final Batch released = new Batch();
    private final Counter moves = new Counter();
    private int parkedCount;

    /**
     * A guard for the flows that one worker receives.
     *
     * @param deviceIds the ids of all devices that a flow may pass
     * @param guarded whether to keep the order
     * @param scope what is the worker's
     * @param check numbers the packets
     */
    OrderGuard(Steering steering, int[] deviceIds, boolean guarded, WorkerScope scope, OrderCheck check) {
        this.steering = steering;
        this.deviceIds = deviceIds;
        this.guarded = guarded;
        this.check = check;
        here = scope.worker();
        pool = scope.pool();
        drops = scope.drops();
    }

    /**
     * Decides the path of the packets that have none.
     *
     * @param rest empty; for what may go on, if some must wait
     * @return what may go on now: the batch itself, or {@code rest}, and then the batch is empty
     */
    Batch admit(Batch batch, Handoff handoff, Batch rest) {
        long current = steering.path();
        boolean all = true;
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            boolean goesOn = !isNew(packet) || enters(packet, handoff, current);
            if (all && !goesOn) {
                all = false;
                rest.nowNanos(batch.nowNanos());
                for (int j = 0; j < i; j++) {
                    rest.add(batch.packet(j));
                }
            } else if (!all && goesOn) {
                rest.add(packet);
            }
        }
        if (all) {
            return batch;
        }
        batch.clear();
        return rest;
    }

    /** Whether a packet comes to its first hand-off; copies follow the packet that they were made from. */
    private boolean isNew(Packet packet) {
        return packet.pool() == pool && packet.path() == Packet.UNDECIDED && !packet.isTicketed();
    }

    /** Gives a packet its path and ticket, or parks it. */
    private boolean enters(Packet packet, Handoff handoff, long current) {
        int ticket = ticket(packet, handoff);
        if (guarded) {
            if (!moving[ticket]) {
                if (pool.outstanding(ticket) == 0) {
                    paths[ticket] = current;
                } else if (paths[ticket] != current && isMoved(packet, handoff, paths[ticket], current)) {
                    moving[ticket] = true;
                }
            }
            if (moving[ticket]) {
                park(packet, handoff);
                return false;
            }
            packet.path(paths[ticket]);
        }
        issue(packet, ticket);
        return true;
    }

    private static int ticket(Packet packet, Handoff handoff) {
        int flow = handoff.flow(packet);
        return (flow ^ (flow >>> 16)) & (PacketPool.TICKETS - 1);
    }

    private void issue(Packet packet, int ticket) {
        pool.issue(packet, ticket);
        check.enter(packet);
    }

    /** Whether any device of a flow runs on another worker by the new path. */
    private boolean isMoved(Packet packet, Handoff handoff, long from, long to) {
        if (handoff.isRaw()) {
            return true; // the flows within are not known yet
        }
        for (int id : deviceIds) {
            int flow = packet.flowHash();
            if (steering.worker(flow, id, from, here) != steering.worker(flow, id, to, here)) {
                return true;
            }
        }
        return false;
    }

    private void park(Packet packet, Handoff handoff) {
        if (parkedCount == CAPACITY) {
            drops.drop(packet, DropReason.LINK_FULL);
            return;
        }
        parked[parkedCount] = packet;
        parkedAt[parkedCount] = handoff;
        parkedCount++;
    }

    /** Whether packets are parked. */
    boolean isWaiting() {
        return parkedCount > 0;
    }

    /** Lets the packets go whose flows have settled; called once a turn. Returns how many. */
    int release(long nowNanos) {
        long current = steering.path();
        for (int i = 0; i < parkedCount; i++) {
            int ticket = ticket(parked[i], parkedAt[i]);
            if (moving[ticket] && pool.outstanding(ticket) == 0) {
                moving[ticket] = false;
                paths[ticket] = current;
                moves.add(1);
            }
        }
        int before = parkedCount;
        int kept = 0;
        @Nullable Handoff last = null;
        for (int i = 0; i < before; i++) {
            Packet packet = parked[i];
            Handoff handoff = parkedAt[i];
            int ticket = ticket(packet, handoff);
            if (moving[ticket]) {
                parked[kept] = packet;
                parkedAt[kept++] = handoff;
                continue;
            }
            if (last != null && (last != handoff || released.isFull())) {
                last.forward(released);
            }
            last = handoff;
            issue(packet.path(paths[ticket]), ticket);
            released.nowNanos(nowNanos);
            released.add(packet);
        }
        parkedCount = kept;
        if (last != null) {
            last.forward(released);
        }
        return before - kept;
    }

    /** How often flows took a new path after they had waited; any thread may ask. */
    long moves() {
        return moves.value();
    }

    /** Packets that are parked; exact for the worker, a little old for others. */
    int parked() {
        return parkedCount;
    }
}
