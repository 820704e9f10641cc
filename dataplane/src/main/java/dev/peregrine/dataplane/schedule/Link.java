package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.stage.Source;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * The bounded, lock-free way of packets from one worker to another: a single-producer single-consumer queue. A batch is
 * handed over whole, with one look at the consumer's {@link Doorbell}; the consumer takes what has come since, by any
 * number of batches, so that batches grow with the load. What does not fit is dropped as {@link DropReason#LINK_FULL}.
 */
public final class Link implements Source, Joint {
    private final int producer;
    private final int consumer;
    private final Doorbell doorbell;
    private final SpscVarHandleArrayQueue<Packet> queue;
    private final Counter handOffs = new Counter();

    /**
     * A link between two workers.
     *
     * @param producer number of the worker that gives
     * @param consumer number of the worker that takes
     * @param doorbell the consumer's
     * @param capacity packets, rounded up to a power of two
     */
    Link(int producer, int consumer, Doorbell doorbell, int capacity) {
        this.producer = producer;
        this.consumer = consumer;
        this.doorbell = doorbell;
        queue = new SpscVarHandleArrayQueue<>(capacity);
    }

    /**
     * Hands all packets of the batch over, which is empty on return; called by the producer.
     *
     * @param entry where in the consumer's graph they go on
     * @param drops the producer's
     */
    public void give(Batch batch, int entry, DropCounters drops) {
        int size = batch.size();
        int given = 0;
        while (given < size && offer(batch.packet(given), entry)) {
            given++;
        }
        if (given > 0) {
            doorbell.ring();
            handOffs.add(given);
        }
        for (int i = given; i < size; i++) {
            Packet packet = batch.packet(i);
            packet.handTo(producer, entry);
            drops.drop(packet, DropReason.LINK_FULL);
        }
        batch.clear();
    }

    private boolean offer(Packet packet, int entry) {
        packet.handTo(consumer, entry);
        return queue.offer(packet);
    }

    /** Takes what has come; called by the consumer. */
    @Override
    public int poll(Batch batch) {
        int before = batch.size();
        while (!batch.isFull()) {
            @Nullable Packet packet = queue.relaxedPoll();
            if (packet == null) {
                break;
            }
            batch.add(packet);
        }
        return batch.size() - before;
    }

    @Override
    public boolean isReady() {
        return !queue.isEmpty();
    }

    /** Packets under way; any thread may ask. */
    public int depth() {
        return queue.size();
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
