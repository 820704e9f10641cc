package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.stage.Containment;
import dev.peregrine.dataplane.stage.Sink;

/**
 * The sink in front of a device's queue where packets can take a shorter path past the devices. It counts the packets
 * that wait or walk, so that none of their flow overtakes them, and lets packets whose path is {@link Steering#HOME}
 * skip the queue.
 */
final class QueueGate implements Sink, OrderGuard.ParkingSpot {
    private final LocalQueue queue;
    private final Sink next;
    private final OrderGuard guard;
    private final Containment containment;
    private final Batch admitted = new Batch();
    private final Batch passing = new Batch();
    private final Batch waiting = new Batch();

    /** A gate in front of a queue, behind which {@code next} stands. */
    QueueGate(LocalQueue queue, Sink next, OrderGuard guard, Containment containment) {
        this.queue = queue;
        this.next = next;
        this.guard = guard;
        this.containment = containment;
    }

    @Override
    public int flow(Packet packet) {
        return packet.flowHash();
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
        passing.nowNanos(batch.nowNanos());
        waiting.nowNanos(batch.nowNanos());
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            (packet.path() == Steering.HOME ? passing : waiting).add(packet);
        }
        batch.clear();
        if (!passing.isEmpty()) {
            containment.pass(next, passing);
        }
        if (!waiting.isEmpty()) {
            queue.accept(waiting);
        }
    }
}
