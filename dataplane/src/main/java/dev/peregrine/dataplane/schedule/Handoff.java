package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.stage.Containment;
import dev.peregrine.dataplane.stage.Sink;
import org.jspecify.annotations.Nullable;

/**
 * The sink in front of a device under a pipelined schedule: hands each packet to the worker that its flow is steered
 * to, or passes it on by a plain call if that is the same worker. Belongs to one worker.
 */
final class Handoff implements Sink, OrderGuard.ParkingSpot {
    private final Steering steering;
    private final int here;
    private final int deviceId;
    private final int entry;
    private final @Nullable Link[] links;
    private final Sink next;
    private final DropCounters drops;
    private final OrderGuard guard;
    private final boolean raw;
    private final Containment containment;
    private final Batch admitted = new Batch();
    private final Batch[] out;
    private final int[] targets = new int[Batch.CAPACITY];

    /**
     * A hand-off to one place of the graph.
     *
     * @param here number of this worker
     * @param deviceId id of the device, which is hashed
     * @param entry number of the place
     * @param links to the workers, by number; null for this one
     * @param next the place in this worker's graph
     * @param guard the worker's
     * @param raw whether packets have not been dissected yet: then their sender steers them, and the views that
     *     dissection needs go with them
     * @param containment the worker's
     */
    Handoff(
            Steering steering,
            int here,
            int deviceId,
            int entry,
            @Nullable Link[] links,
            Sink next,
            DropCounters drops,
            OrderGuard guard,
            boolean raw,
            Containment containment) {
        this.steering = steering;
        this.here = here;
        this.deviceId = deviceId;
        this.entry = entry;
        this.links = links;
        this.next = next;
        this.drops = drops;
        this.guard = guard;
        this.raw = raw;
        this.containment = containment;
        out = new Batch[links.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = new Batch();
        }
    }

    /** The value that steers a packet: the hash of its flow or, before dissection, its sender. */
    @Override
    public int flow(Packet packet) {
        return raw ? packet.inPort() : packet.flowHash();
    }

    @Override
    public boolean isRaw() {
        return raw;
    }

    @Override
    public boolean decides() {
        return true;
    }

    @Override
    public void accept(Batch batch) {
        guard.pass(batch, this, admitted);
    }

    @Override
    public void forward(Batch batch) {
        int common = aim(batch);
        if (common >= 0) {
            deliver(batch, common);
        } else {
            distribute(batch);
        }
    }

    /** Finds the worker of each packet; returns the one that all go to, or -1. */
    private int aim(Batch batch) {
        long current = steering.path();
        int common = -1;
        boolean same = true;
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            long path = packet.path() == Packet.UNDECIDED ? current : packet.path();
            int target = steering.worker(flow(packet), deviceId, path, here);
            targets[i] = target;
            same &= i == 0 || target == common;
            common = target;
        }
        return same ? common : -1;
    }

    private void distribute(Batch batch) {
        long nowNanos = batch.nowNanos();
        for (int i = 0; i < batch.size(); i++) {
            Batch to = out[targets[i]];
            to.nowNanos(nowNanos);
            to.add(batch.packet(i));
        }
        batch.clear();
        for (int worker = 0; worker < out.length; worker++) {
            if (!out[worker].isEmpty()) {
                deliver(out[worker], worker);
            }
        }
    }

    private void deliver(Batch batch, int worker) {
        Link link = links[worker];
        if (link == null) {
            containment.pass(next, batch);
            return;
        }
        try {
            if (raw) {
                lendViews(batch);
            }
            link.give(batch, entry, drops);
        } catch (Throwable fault) {
            containment.lose("hand-off", batch, fault);
        }
    }

    /** Only this worker, which owns the pool, can make the views that the coalescer will need. */
    private static void lendViews(Batch batch) {
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            packet.pool().lend(packet, packet.wirePackets() - 1);
        }
    }
}
