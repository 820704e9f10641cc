package dev.peregrine.bench.econ;

import dev.peregrine.bench.policy.Changes;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.stage.Sink;

/**
 * Closes a path and opens it again, and counts the packets that are delivered while none should be. The thread that
 * changes tables and the worker that delivers share it.
 */
final class Arrivals implements Changes.Change {
    private final Closure closure;
    private volatile long closedNanos;
    private volatile boolean isClosed;
    private volatile boolean isAcknowledged;
    private final Counter stale = new Counter();
    private final Counter oldestNanos = new Counter();
    /** Of the thread that changes tables. */
    private int closures;

    private int leaking;
    private long atLastClosure;

    Arrivals(Closure closure) {
        this.closure = closure;
    }

    @Override
    public void make(int number) {
        if (number % 2 == 0) {
            long before = stale.value();
            leaking += before > atLastClosure ? 1 : 0;
            atLastClosure = before;
            closures++;
            closure.close().run();
            closedNanos = System.nanoTime();
            isClosed = true;
        } else {
            isAcknowledged = false;
            isClosed = false;
            closure.open().run();
        }
    }

    /** No packet may come any more, until the path is opened. */
    @Override
    public void acknowledged(int number) {
        isAcknowledged = isClosed;
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

    /** The share of closures after whose acknowledgement a packet still came, in percent; once changes have ended. */
    double staleShare() {
        return closures == 0 ? 0 : 100.0 * leaking / closures;
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
