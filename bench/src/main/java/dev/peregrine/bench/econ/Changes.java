package dev.peregrine.bench.econ;

import dev.peregrine.dataplane.schedule.GracePeriod;
import dev.peregrine.dataplane.schedule.Worker;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** A thread that closes the path and opens it again, a number of times a second, until {@link #end}. */
final class Changes {
    private static final long MAX_NANOS = 10_000_000_000L;

    private final Closure closure;
    private final Arrivals arrivals;
    private final List<Worker> workers;
    private final long periodNanos;
    private final Histogram acknowledgements = new Histogram(MAX_NANOS, 3);
    private final Thread thread = new Thread(this::run, "bench-changes");
    private volatile boolean stop;
    private int closures;
    private int leaking;
    private long atLastClosure;

    Changes(Closure closure, Arrivals arrivals, List<Worker> workers, int perSecond) {
        this.closure = closure;
        this.arrivals = arrivals;
        this.workers = workers;
        periodNanos = 1_000_000_000L / perSecond;
        thread.start();
    }

    private void run() {
        long due = System.nanoTime();
        for (boolean open = true; !stop || !open; open = !open) {
            due += periodNanos;
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            long begin = System.nanoTime();
            if (open) {
                closeTheWay();
            } else {
                arrivals.opening();
                closure.open().run();
                GracePeriod.await(workers);
            }
            acknowledgements.recordValue(Math.min(MAX_NANOS, System.nanoTime() - begin));
        }
    }

    private void closeTheWay() {
        long before = arrivals.stale();
        leaking += before > atLastClosure ? 1 : 0;
        atLastClosure = before;
        closures++;
        closure.close().run();
        arrivals.closed();
        GracePeriod.await(workers);
        arrivals.acknowledged();
    }

    /** Of all closures, in how many something still came after the acknowledgement, in percent. */
    double staleShare() {
        return closures == 0 ? 0 : 100.0 * leaking / closures;
    }

    /** From each change to its acknowledgement. */
    Histogram acknowledgements() {
        return acknowledgements;
    }

    /** Ends the thread; the way is open then. */
    void end() throws InterruptedException {
        stop = true;
        thread.join();
    }
}
