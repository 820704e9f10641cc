package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.schedule.Topology.WorkerScope;
import dev.peregrine.dataplane.stage.Containment;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the packets of a flow in order when its path changes. The worker that receives a flow decides its path, which
 * travels with the packets, so that all hand-offs agree; and it takes a new path only when every packet that went the
 * old one has settled: was delivered, sent or dropped, and is home. Until then what the flow brings is parked. So a flow
 * that never pauses can move all the same. A shorter way past the devices is a new path, too: see {@link #isSettled}.
 *
 * <p>The marker of a flow's last packet on the old path is the count of packets with its ticket that are still out, kept
 * by the pool that they return to. Flows share tickets by hash; those that do move together.
 *
 * <p>Falcon itself has no such guard: between its two choices, and when it turns off, packets can overtake each other.
 * An unguarded guard only numbers packets, for {@link OrderCheck}. Belongs to one worker.
 */
public final class OrderGuard {
    /** Packets that may be parked; one more is dropped as {@link DropReason#LINK_FULL}. */
    static final int CAPACITY = 1024;

    /** Where packets are parked, and go on. */
    public interface Place {
        /** The value that tells flows from each other here. */
        int flow(Packet packet);

        /** Whether packets have not been dissected yet. */
        default boolean isRaw() {
            return false;
        }

        /** Whether packets that go on have got their path here; if not, they get it where they come next. */
        boolean decides();

        /** Lets packets go on. The batch is empty on return. */
        void forward(Batch batch);
    }

    private final Steering steering;
    private final int[] deviceIds;
    private final int here;
    private final boolean guarded;
    private final PacketPool pool;
    private final DropCounters drops;
    private final Containment containment;

    private final OrderCheck check;

    /** By ticket: the path of its flows, and whether they wait to leave it. */
    private final long[] paths = new long[PacketPool.TICKETS];

    private final boolean[] moving = new boolean[PacketPool.TICKETS];

    private final Packet[] parked = new Packet[CAPACITY];
    private final Place[] parkedAt = new Place[CAPACITY];
    private final Packet[] leaving = new Packet[CAPACITY];
    private final Place[] leavingFrom = new Place[CAPACITY];
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
     * @param containment the worker's
     */
    OrderGuard(
            Steering steering,
            int[] deviceIds,
            boolean guarded,
            WorkerScope scope,
            OrderCheck check,
            Containment containment) {
        this.steering = steering;
        this.deviceIds = deviceIds;
        this.guarded = guarded;
        this.check = check;
        this.containment = containment;
        here = scope.worker();
        pool = scope.pool();
        drops = scope.drops();
    }

    /**
     * Decides the path of the packets that have none, and lets those go on that may.
     *
     * @param rest empty, and so on return; for what goes on, if some must wait
     */
    void pass(Batch batch, Place place, Batch rest) {
        Batch admitted = admit(batch, place, rest);
        if (!admitted.isEmpty()) {
            forward(place, admitted);
        }
    }

    /** Lets packets go on; where that fails, those are dropped that are left in the batch. */
    private void forward(Place place, Batch batch) {
        try {
            place.forward(batch);
        } catch (Throwable fault) {
            containment.lose(place.getClass().getSimpleName(), batch, fault);
        }
    }

    /** The packets that may go on now: the batch itself, or {@code rest}, and then the batch is empty. */
    private Batch admit(Batch batch, Place place, Batch rest) {
        long current = steering.path();
        boolean all = true;
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            boolean goesOn = !isNew(packet) || enters(packet, place, current);
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

    /**
     * Whether a packet was received by this worker and has no path yet. Copies follow the packet that they were made from.
     */
    public boolean isNew(Packet packet) {
        return packet.pool() == pool && packet.path() == Packet.UNDECIDED && !packet.isTicketed();
    }

    /** Gives a packet its path and ticket, or parks it. */
    private boolean enters(Packet packet, Place place, long current) {
        int ticket = ticket(packet, place);
        if (guarded) {
            if (!moving[ticket]) {
                if (pool.outstanding(ticket) == 0) {
                    paths[ticket] = current;
                } else if (paths[ticket] != current && isMoved(packet, place, paths[ticket], current)) {
                    moving[ticket] = true;
                }
            }
            if (moving[ticket]) {
                park(packet, place);
                return false;
            }
            packet.path(paths[ticket]);
        }
        issue(packet, ticket);
        return true;
    }

    private static int ticket(Packet packet, Place place) {
        return ticket(place.flow(packet));
    }

    private static int ticket(int flow) {
        return (flow ^ (flow >>> 16)) & (PacketPool.TICKETS - 1);
    }

    /** Whether a flow waits to leave its path, so that what it brings must wait as well. */
    public boolean waits(int flow) {
        return moving[ticket(flow)];
    }

    /** Whether all packets of a flow that have got a path have settled: the next one may take any way. */
    public boolean isSettled(int flow) {
        int ticket = ticket(flow);
        return !guarded || (!moving[ticket] && pool.outstanding(ticket) == 0);
    }

    /** Parks a packet until {@link #isSettled} holds for its flow. */
    public void await(Packet packet, Place place) {
        moving[ticket(packet, place)] = true;
        park(packet, place);
    }

    private void issue(Packet packet, int ticket) {
        pool.issue(packet, ticket);
        check.enter(packet);
    }

    /** Whether any device of a flow runs on another worker by the new path. */
    private boolean isMoved(Packet packet, Place place, long from, long to) {
        if (place.isRaw()) {
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

    private void park(Packet packet, Place place) {
        if (parkedCount == CAPACITY) {
            drops.drop(packet, DropReason.LINK_FULL);
            return;
        }
        parked[parkedCount] = packet;
        parkedAt[parkedCount] = place;
        parkedCount++;
    }

    /** Whether packets are parked. */
    boolean isWaiting() {
        return parkedCount > 0;
    }

    /** Lets the packets go whose flows have settled; called once a turn. Returns how many. */
    @SuppressWarnings("ReferenceEquality") // places are told apart by what they are, not by what they are like
    int release(long nowNanos) {
        letMove();
        int count = takeLeaving();
        @Nullable Place last = null;
        for (int i = 0; i < count; i++) {
            Packet packet = leaving[i];
            Place place = leavingFrom[i];
            if (last != null && (last != place || released.isFull())) {
                forward(last, released);
            }
            last = place;
            int ticket = ticket(packet, place);
            if (moving[ticket]) {
                park(packet, place); // behind one that has to wait once more
                continue;
            }
            if (place.decides()) {
                packet.path(paths[ticket]);
                issue(packet, ticket);
            }
            released.nowNanos(nowNanos);
            released.add(packet);
        }
        if (last != null && !released.isEmpty()) {
            forward(last, released);
        }
        return count;
    }

    private void letMove() {
        long current = steering.path();
        for (int i = 0; i < parkedCount; i++) {
            int ticket = ticket(parked[i], parkedAt[i]);
            if (moving[ticket] && pool.outstanding(ticket) == 0) {
                moving[ticket] = false;
                paths[ticket] = current;
                moves.add(1);
            }
        }
    }

    /** Takes those out that wait no more, before any goes on: what goes on may be parked again. */
    private int takeLeaving() {
        int kept = 0;
        int count = 0;
        for (int i = 0; i < parkedCount; i++) {
            if (moving[ticket(parked[i], parkedAt[i])]) {
                parked[kept] = parked[i];
                parkedAt[kept++] = parkedAt[i];
            } else {
                leaving[count] = parked[i];
                leavingFrom[count++] = parkedAt[i];
            }
        }
        parkedCount = kept;
        return count;
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
