package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.stage.Sink;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue in front of a device, filled and emptied by one worker: the kernel's backlog between two softirqs.
 * A packet that does not fit is dropped as {@link DropReason#LINK_FULL}.
 */
final class LocalQueue implements Sink, InnerQueue {
    private final @Nullable Packet[] ring;
    private final DropCounters drops;
    private final Counter given = new Counter();
    private int head;
    private int size;

    LocalQueue(int capacity, DropCounters drops) {
        ring = new Packet[capacity];
        this.drops = drops;
    }

    @Override
    public void accept(Batch batch) {
        int before = size;
        for (int i = 0; i < batch.size(); i++) {
            if (size == ring.length) {
                drops.drop(batch.packet(i), DropReason.LINK_FULL);
            } else {
                ring[index(size++)] = batch.packet(i);
            }
        }
        given.add(size - before);
        batch.clear();
    }

    private int index(int position) {
        int index = head + position;
        return index < ring.length ? index : index - ring.length;
    }

    @Override
    public int poll(Batch batch) {
        int taken = 0;
        while (size > 0 && !batch.isFull()) {
            Packet packet = ring[head];
            assert packet != null : "a hole in the queue";
            batch.add(packet);
            ring[head] = null;
            head = index(1);
            size--;
            taken++;
        }
        return taken;
    }

    @Override
    public boolean isReady() {
        return size > 0;
    }

    @Override
    public long given() {
        return given.value();
    }

    /** Packets that wait; exact for the worker, a little old for others. */
    int depth() {
        return size;
    }
}
