package dev.peregrine.bench.econ;

import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.stage.Sink;

/**
 * Counts packets that are delivered while none should be. The worker that delivers and the thread that changes tables
 * share it: the latter records when the path was closed, and when the change was acknowledged.
 */
final class Arrivals {
    private volatile long closedNanos;
    private volatile boolean isClosed;
    private volatile boolean isAcknowledged;
    private final Counter stale = new Counter();
    private final Counter oldestNanos = new Counter();

    /** The table has just changed. */
    void closed() {
        closedNanos = System.nanoTime();
        isClosed = true;
    }

    /** No packet may come any more. */
    void acknowledged() {
        isAcknowledged = true;
    }

    /** The way is about to be opened again. */
    void opening() {
        isAcknowledged = false;
        isClosed = false;
    }

    /** Counts packets that go to a sink. */
    Sink before(Sink sink) {
        return batch -> {
            if (isAcknowledged) {
                stale.add(batch.segments());
            }
            if (isClosed) {
                oldestNanos.set(Math.max(oldestNanos.value(), System.nanoTime() - closedNanos));
            }
            sink.accept(batch);
        };
    }

    /** Packets that came after an acknowledgement. */
    long stale() {
        return stale.value();
    }

    /** How long after a closure the last packet came, at most. */
    long oldestNanos() {
        return oldestNanos.value();
    }
}
