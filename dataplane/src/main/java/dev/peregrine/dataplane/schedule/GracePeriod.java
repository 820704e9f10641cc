package dev.peregrine.dataplane.schedule;

import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits until no worker decides by what was published before: every worker that was at a batch has ended it, and
 * takes what is published now before its next one. As {@code synchronize_rcu} does in the kernel.
 */
public final class GracePeriod {
    /** About as long as a batch takes: who sleeps is woken much later. */
    private static final int SPINS = 2000;

    private static final long PAUSE_NANOS = 10_000;

    private GracePeriod() {}

    /**
     * Returns when a batch boundary has been passed by every worker since the call; idle workers are not waited for.
     * What was written before the call is seen by all batches afterwards. Called by the control thread; a worker
     * that called it would wait for itself.
     */
    public static void await(List<Worker> workers) {
        VarHandle.fullFence(); // what was published, before the boundaries are read
        for (Worker worker : workers) {
            long seen = worker.boundary();
            if ((seen & 1) != 0) {
                awaitEnd(worker, seen);
            }
        }
    }

    private static void awaitEnd(Worker worker, long seen) {
        for (int spin = 0; worker.boundary() == seen; spin++) {
            if (spin < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }
}
