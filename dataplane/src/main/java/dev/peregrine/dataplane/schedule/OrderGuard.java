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
 * travels with the packets, so that all hand-offs agree; and the flow takes a new path only when every packet on the
 * old one has settled: was delivered, sent or dropped, and has returned to its pool. Until then the guard parks the
 * flow's new packets, so a flow that never pauses can still move. The fast path is a new path, too: see {@link
 * #isSettled}.
 *
 * <p>The marker of a flow's last packet on the old path is the count of packets with its ticket that are still out,
 * kept by the pool that they return to. Flows share tickets by hash; flows that share one move together.
 *
 * <p>Falcon itself has no such guard: between its two choices, and when it turns off, packets can overtake each other.
 * An unguarded guard only numbers packets, for {@link OrderCheck}. Belongs to one worker.
 */
public final class OrderGuard {
    /** Packets that may be parked; one more is dropped as {@link DropReason#LINK_FULL}. */
    static final int CAPACITY = 1024;

    /** A place where packets are parked and continue. */
    public interface ParkingSpot {
        /** The value that distinguishes flows here. */
        int flow(Packet packet);

        /** Whether packets have not been dissected yet. */
        default boolean isRaw() {
            return false;
        }

        /** Whether packets that continue have got their path here; if not, they get it at the next place. */
        boolean decides();

        /** Continues with packets. The batch is empty on return. */
        void forward(Batch batch);
    }

    private final Steering steering;
    private final int here;
    private int[] deviceIds = {};
    private final boolean guarded;
    private final PacketPool pool;
    private final DropCounters drops;
    private final Containment containment;

    private final OrderCheck check;

    /** By ticket: the path of its flows, and whether they wait to leave it. */
    private final long[] paths = new long[PacketPool.TICKETS];

    private final boolean[] moving = new boolean[PacketPool.TICKETS];

    private final Packet[] parked = new Packet[CAPACITY];
    private final ParkingSpot[] parkedAt = new ParkingSpot[CAPACITY];
    /** By index in {@link #parked}: how many had been parked before it. */
    private final long[] numbers = new long[CAPACITY];

    private final Packet[] leaving = new Packet[CAPACITY];
    private final ParkingSpot[] leavingFrom = new ParkingSpot[CAPACITY];
    private final Batch released = new Batch();
    private final long[] leavingNumbers = new long[CAPACITY];
    private final Counter parkings = new Counter();
    private volatile long oldest;
    private int parkedCount;

    /**
     * A guard for the flows that one worker receives.
     *
     * @param guarded whether to keep the order
     * @param scope the parts that belong to the worker
     * @param check numbers the packets
     * @param containment the worker's
     */
    OrderGuard(Steering steering, boolean guarded, WorkerScope scope, OrderCheck check, Containment containment) {
        this.steering = steering;
        this.guarded = guarded;
        this.check = check;
        this.containment = containment;
        here = scope.worker();
        pool = scope.pool();
        drops = scope.drops();
    }

    /** Sets the ids of all devices that a flow may pass; none until then. */
    void devices(int[] ids) {
        deviceIds = ids;
    }

    /**
     * Decides the path of the packets that have none, and continues with those that may.
     *
     * @param rest empty, also on return; holds the packets that continue, if some must wait
     */
    void pass(Batch batch, ParkingSpot place, Batch rest) {
        Batch admitted = admit(batch, place, rest);
        if (!admitted.isEmpty()) {
            forward(place, admitted);
        }
    }

    /** Continues with packets; after a failure, those left in the batch are dropped. */
    private void forward(ParkingSpot place, Batch batch) {
        try {
            place.forward(batch);
        } catch (Throwable fault) {
            containment.lose(place.getClass().getSimpleName(), batch, fault);
        }
    }

    /** The packets that may continue now: the batch itself, or {@code rest}, and then the batch is empty. */
    private Batch admit(Batch batch, ParkingSpot place, Batch rest) {
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
     * Whether a packet was received by this worker and has no path yet. Copies follow the packet that they were made
     * from.
     */
    public boolean isNew(Packet packet) {
        return packet.pool() == pool && packet.path() == Packet.UNDECIDED && !packet.isTicketed();
    }

    /** Gives a packet its path and ticket, or parks it. */
    private boolean enters(Packet packet, ParkingSpot place, long current) {
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

    private static int ticket(Packet packet, ParkingSpot place) {
        return ticket(place.flow(packet));
    }

    private static int ticket(int flow) {
        return (flow ^ (flow >>> 16)) & (PacketPool.TICKETS - 1);
    }

    /** Whether a flow waits to leave its path, so that its new packets must wait as well. */
    public boolean waits(int flow) {
        return moving[ticket(flow)];
    }

    /** Whether all packets of a flow that have got a path have settled: the next one may take any path. */
    public boolean isSettled(int flow) {
        int ticket = ticket(flow);
        return !guarded || (!moving[ticket] && pool.outstanding(ticket) == 0);
    }

    /** Parks a packet until {@link #isSettled} holds for its flow. */
    public void await(Packet packet, ParkingSpot place) {
        moving[ticket(packet, place)] = true;
        park(packet, place);
    }

    private void issue(Packet packet, int ticket) {
        pool.issue(packet, ticket);
        check.enter(packet);
    }

    /** Whether any device of a flow runs on another worker by the new path. */
    private boolean isMoved(Packet packet, ParkingSpot place, long from, long to) {
        if (place.isRaw()) {
            return true; // the inner flows are not known yet
        }
        for (int id : deviceIds) {
            int flow = packet.flowHash();
            if (steering.worker(flow, id, from, here) != steering.worker(flow, id, to, here)) {
                return true;
            }
        }
        return false;
    }

    private void park(Packet packet, ParkingSpot place) {
        if (parkedCount == CAPACITY) {
            drops.drop(packet, DropReason.LINK_FULL);
            return;
        }
        keep(packet, place, parkings.value());
        parkings.add(1);
    }

    private void keep(Packet packet, ParkingSpot place, long number) {
        parked[parkedCount] = packet;
        numbers[parkedCount] = number;
        parkedAt[parkedCount] = place;
        parkedCount++;
    }

    /** Whether packets are parked. */
    boolean isWaiting() {
        return parkedCount > 0;
    }

    /** Continues with the packets whose flows have settled; called once a turn. Returns their number. */
    @SuppressWarnings("ReferenceEquality") // places are compared by identity, not by equality
    int release(long nowNanos) {
        letMove();
        int count = takeLeaving();
        @Nullable ParkingSpot last = null;
        for (int i = 0; i < count; i++) {
            Packet packet = leaving[i];
            ParkingSpot place = leavingFrom[i];
            if (last != null && (last != place || released.isFull())) {
                forward(last, released);
            }
            last = place;
            int ticket = ticket(packet, place);
            if (moving[ticket]) {
                keep(packet, place, leavingNumbers[i]); // behind one that must wait again
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
        oldest = oldest();
        return count;
    }

    private long oldest() {
        long lowest = parkings.value();
        for (int i = 0; i < parkedCount; i++) {
            lowest = Math.min(lowest, numbers[i]);
        }
        return lowest;
    }

    /** How many packets were parked so far. Any thread may ask. */
    long parkings() {
        return parkings.value();
    }

    /** The n first of all packets that were parked have gone on. Any thread may ask. */
    long goneOn() {
        return oldest;
    }

    private void letMove() {
        long current = steering.path();
        for (int i = 0; i < parkedCount; i++) {
            int ticket = ticket(parked[i], parkedAt[i]);
            if (moving[ticket] && pool.outstanding(ticket) == 0) {
                moving[ticket] = false;
                paths[ticket] = current;
            }
        }
    }

    /** Removes those that wait no more before any continues: a packet that continues may be parked again. */
    private int takeLeaving() {
        int kept = 0;
        int count = 0;
        for (int i = 0; i < parkedCount; i++) {
            if (moving[ticket(parked[i], parkedAt[i])]) {
                parked[kept] = parked[i];
                numbers[kept] = numbers[i];
                parkedAt[kept++] = parkedAt[i];
            } else {
                leaving[count] = parked[i];
                leavingNumbers[count] = numbers[i];
                leavingFrom[count++] = parkedAt[i];
            }
        }
        parkedCount = kept;
        return count;
    }

    /** Packets that are parked; exact for the worker, a little old for others. */
    int parked() {
        return parkedCount;
    }
}
