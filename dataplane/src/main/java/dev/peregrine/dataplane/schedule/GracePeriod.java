package dev.peregrine.dataplane.schedule;

import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits until no packet is in flight that was decided by previously published tables, as {@code synchronize_rcu} does
 * in the kernel: every worker that handled a batch has ended it, and reads the new tables before its next one; and all
 * packets that were handed over before have arrived. Where a packet passes several links or queues, the wait covers one
 * after the other.
 *
 * <p>A worker ends a batch within milliseconds. One that has not after {@link #LIMIT_SECONDS} seconds is stuck, and the
 * wait ends with a {@link StuckWorkerException} that names it: the change is published, but that worker may still
 * decide by the old tables.
 */
public final class GracePeriod {
    /** About the duration of a batch: a sleeping thread wakes much later. */
    private static final int SPINS = 2000;

    private static final long PAUSE_NANOS = 10_000;

    /** How long a worker may take. */
    static final int LIMIT_SECONDS = 5;

    /** How often a packet is parked at most: in front of the look-up, and where it gets its path. */
    private static final int PARKINGS = 2;

    /** A worker did not end its batch in time; a batch normally takes milliseconds. The message names the worker. */
    public static final class StuckWorkerException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        StuckWorkerException(int worker) {
            super("worker %d has not ended its batch for %d seconds".formatted(worker, LIMIT_SECONDS));
        }
    }

    private GracePeriod() {}

    /**
     * Returns when every worker has passed a batch boundary since the call; it does not wait for idle workers. A value
     * that was written before the call is seen by all batches afterwards. Called by the control thread; a worker that
     * called it would wait for itself.
     */
    public static void await(List<Worker> workers) {
        await(workers, deadline());
    }

    /** The same, until {@code deadline}, a value of {@link System#nanoTime}. */
    static void await(List<Worker> workers, long deadline) {
        VarHandle.fullFence(); // published values first, then the boundaries
        for (Worker worker : workers) {
            awaitBoundary(worker, deadline);
        }
    }

    private static long deadline() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    }

    /**
     * The same, and then until the packets that were parked or between two devices have settled.
     *
     * @param group the workers, whose graphs are not assembled meanwhile
     * @param hops the most links or queues that a packet passes
     */
    public static void await(WorkerGroup group, int hops) {
        long deadline = deadline();
        await(group.workers(), deadline);
        for (int parking = 0; parking < PARKINGS; parking++) {
            for (Worker worker : group.workers()) {
                awaitParked(worker, deadline);
            }
        }
        for (int hop = 0; hop < hops; hop++) {
            for (Worker worker : group.workers()) {
                for (Input joint : worker.inner()) {
                    long given = joint.given();
                    until(() -> joint.settled() - given >= 0, worker, deadline);
                }
                awaitBoundary(worker, deadline);
            }
        }
    }

    /** Those that go on have been given to the next device when this returns. */
    private static void awaitParked(Worker worker, long deadline) {
        OrderGuard guard = worker.guard();
        if (guard != null) {
            long before = guard.parkings();
            until(() -> guard.goneOn() - before >= 0, worker, deadline);
        }
    }

    private static void awaitBoundary(Worker worker, long deadline) {
        long seen = worker.boundary();
        if ((seen & 1) != 0) {
            until(() -> worker.boundary() != seen, worker, deadline);
        }
    }

    private static void until(BooleanSupplier condition, Worker worker, long deadline) {
        for (int spin = 0; !condition.getAsBoolean(); spin++) {
            if (spin < SPINS) {
                Thread.onSpinWait();
            } else if (System.nanoTime() - deadline < 0) {
                LockSupport.parkNanos(PAUSE_NANOS);
            } else {
                throw new StuckWorkerException(worker.id());
            }
        }
    }
}
