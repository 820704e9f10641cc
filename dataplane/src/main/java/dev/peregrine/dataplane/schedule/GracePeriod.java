package dev.peregrine.dataplane.schedule;

import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits until no packet is under way that was decided on by what was published before: every worker that was at a batch
 * has ended it, and takes what is published now before its next one, as {@code synchronize_rcu} does in the kernel; and
 * what was handed over before has arrived. Where a packet passes several links or queues, they are waited for one after
 * the other.
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
        workers.forEach(GracePeriod::awaitBoundary);
    }

    /**
     * The same, and then until the packets have settled that were between two devices. Not those that an order guard
     * parks: they have passed nothing but the device that they came in by.
     *
     * @param crew the workers, whose graphs are not assembled meanwhile
     * @param hops the most links or queues that a packet passes
     */
    public static void await(Crew crew, int hops) {
        await(crew.workers());
        for (int hop = 0; hop < hops; hop++) {
            for (Worker worker : crew.workers()) {
                for (Worker.Input joint : worker.inner()) {
                    long given = joint.given();
                    until(() -> joint.settled() - given >= 0);
                }
                awaitBoundary(worker);
            }
        }
    }

    private static void awaitBoundary(Worker worker) {
        long seen = worker.boundary();
        if ((seen & 1) != 0) {
            until(() -> worker.boundary() != seen);
        }
    }

    private static void until(BooleanSupplier condition) {
        for (int spin = 0; !condition.getAsBoolean(); spin++) {
            if (spin < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }
}
