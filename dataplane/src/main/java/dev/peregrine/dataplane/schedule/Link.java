package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.PacketRing;

/**
 * The bounded, lock-free queue of packets from one worker to another, with a single producer and a single consumer. The
 * producer hands over whole batches, with one look at the consumer's {@link Doorbell} each; the consumer takes all
 * packets that have come since, so that batches grow with the load. A packet that does not fit is dropped as {@link
 * DropReason#LINK_FULL}.
 */
public final class Link implements InnerQueue {
    private final int consumer;
    private final Doorbell doorbell;
    private final PacketRing ring;
    private final Counter handOffs = new Counter();

    /**
     * A link between two workers.
     *
     * @param consumer number of the worker that takes
     * @param doorbell the consumer's
     * @param capacity packets, rounded up to a power of two
     */
    Link(int consumer, Doorbell doorbell, int capacity) {
        this.consumer = consumer;
        this.doorbell = doorbell;
        ring = new PacketRing(capacity);
    }

    /**
     * Hands over all packets of the batch, which is empty on return; called by the producer.
     *
     * @param entry the place in the consumer's graph where they continue
     * @param drops the producer's
     */
    public void give(Batch batch, int entry, DropCounters drops) {
        int given = ring.room(batch.size());
        for (int i = 0; i < given; i++) {
            batch.packet(i).handTo(consumer, entry);
        }
        if (given > 0) {
            ring.give(batch, 0, given);
            handOffs.add(given);
            doorbell.ring();
        }
        for (int i = given; i < batch.size(); i++) {
            drops.drop(batch.packet(i), DropReason.LINK_FULL);
        }
        batch.clear();
    }

    /** Takes the packets that have come; called by the consumer. */
    @Override
    public int poll(Batch batch) {
        return ring.take(batch);
    }

    @Override
    public boolean isReady() {
        return !ring.isEmpty();
    }

    /** Packets in flight; any thread may ask. */
    public int depth() {
        return ring.size();
    }

    @Override
    public long given() {
        return handOffs.value();
    }

    /** Packets handed over so far, a superframe as one; any thread may ask. */
    public long handOffs() {
        return handOffs.value();
    }
}
