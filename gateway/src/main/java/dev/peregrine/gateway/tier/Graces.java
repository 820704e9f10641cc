package dev.peregrine.gateway.tier;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.worker.FaultLog;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Grace periods of the kernel that another thread waits for: they take up to some tens of milliseconds, and the control
 * thread has others to serve. The thread ends when there has been nothing to wait for. Belongs to the control thread.
 */
final class Graces implements AutoCloseable {
    private static final long KEEP_SECONDS = 10;
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ExecutorService waiter = new ThreadPoolExecutor(
            0,
            1,
            KEEP_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("tier-grace").factory());
    private final Grace grace;
    private final Executor control;
    private final FaultLog faults;
    private volatile boolean isClosed;

    /** A grace period. */
    @FunctionalInterface
    interface Grace {
        /** Returns when it is over. On a thread of its own. */
        void await() throws LinuxException;
    }

    /** Tasks go to an executor of the control thread. To be closed before the flows that a grace period is of. */
    Graces(Grace grace, Executor control, FaultLog faults) {
        this.grace = grace;
        this.control = control;
        this.faults = faults;
    }

    /**
     * Runs a task on the control thread, behind a grace period that begins now; not once this is closed. Where the
     * kernel refuses a wait, it is tried again: others count on the task.
     */
    void after(Runnable task) {
        waiter.execute(() -> {
            while (!isClosed) {
                if (isOver()) {
                    onControl(task);
                    return;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        });
    }

    private boolean isOver() {
        boolean[] over = {false};
        faults.run("a grace period of the tier in the kernel", () -> {
            await();
            over[0] = true;
        });
        return over[0];
    }

    private void await() {
        try {
            grace.await();
        } catch (LinuxException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** Runs a task on the control thread, some time; not once this is closed. Any thread. */
    void onControl(Runnable task) {
        try {
            control.execute(() -> {
                if (!isClosed) {
                    faults.run("the tier in the kernel", task);
                }
            });
        } catch (RejectedExecutionException e) {
            return; // the gateway has ended
        }
    }

    @Override
    public void close() {
        isClosed = true;
        waiter.shutdown();
        try {
            var _ = waiter.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
