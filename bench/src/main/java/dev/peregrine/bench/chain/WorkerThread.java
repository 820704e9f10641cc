package dev.peregrine.bench.chain;

import com.sun.management.ThreadMXBean;
import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.ThreadEnd;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.schedule.Worker;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Gives a worker turn after turn on a thread of its own, pinned to a CPU, in place of the gateway's event loop. */
public final class WorkerThread implements AutoCloseable {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** As the gateway's event loop. */
    private static final int TURN_BUDGET = 1024;

    private final Worker worker;
    private final Thread thread;
    private final LongSupplier nanosUntilDue;
    private final Counter busyNanos = new Counter();
    private final AtomicLong wakeUps = new AtomicLong();
    private volatile boolean closed;
    private volatile @Nullable Throwable failure;

    /**
     * A thread that has not been started.
     *
     * @param nanosUntilDue how long the worker may sleep; 0 if it shall ask again and again instead
     */
    WorkerThread(Worker worker, int cpu, LongSupplier nanosUntilDue) {
        this.worker = worker;
        this.nanosUntilDue = nanosUntilDue;
        thread = new Thread(() -> run(cpu), "bench-worker-" + worker.id());
        thread.setDaemon(true);
        worker.raisedBy(this::raise);
    }

    void start() {
        thread.start();
    }

    private void raise() {
        wakeUps.incrementAndGet();
        LockSupport.unpark(thread);
    }

    private void run(int cpu) {
        try {
            CpuAffinity.pin(cpu);
            while (!closed) {
                turn();
            }
        } catch (LinuxException | RuntimeException | Error e) {
            failure = e;
        }
    }

    private void turn() {
        long begin = System.nanoTime();
        if (worker.run(TURN_BUDGET) > 0) {
            busyNanos.add(System.nanoTime() - begin);
        } else {
            idle();
        }
    }

    private void idle() {
        long nanos = nanosUntilDue.getAsLong();
        if (nanos == 0) {
            Thread.onSpinWait();
        } else if (worker.prepareToSleep()) {
            LockSupport.parkNanos(this, nanos);
        }
    }

    /** How often others raised the worker from its sleep. */
    long wakeUps() {
        return wakeUps.get();
    }

    /** Nanoseconds in turns that had something to do. */
    long busyNanos() {
        return busyNanos.value();
    }

    /** CPU time of the thread so far. */
    long cpuNanos() {
        return THREADS.getThreadCpuTime(thread.threadId());
    }

    /** Bytes that the thread has allocated on the heap so far. */
    long allocatedBytes() {
        return THREADS.getThreadAllocatedBytes(thread.threadId());
    }

    /** @throws IllegalStateException if the thread has ended by a failure */
    void check() {
        Throwable cause = failure;
        if (cause != null) {
            throw new IllegalStateException(String.valueOf(cause), cause);
        }
    }

    /** Ends the thread after its turn. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        ThreadEnd.await(thread);
    }
}
