package dev.peregrine.bench.policy;

import dev.peregrine.dataplane.schedule.GracePeriod;
import dev.peregrine.dataplane.schedule.Worker;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** A thread that makes a change and takes it back, in turn, a number of times a second, until {@link #end}. */
public final class Changes {
    private static final long MAX_NANOS = 10_000_000_000L;

    private final Change change;
    private final List<Worker> workers;
    private final long periodNanos;
    private final Histogram acknowledgements = new Histogram(MAX_NANOS, 3);
    private final Thread thread = new Thread(this::run, "bench-changes");
    private volatile boolean stop;

    /** A change of tables, and the change back. Called by the thread alone. */
    public interface Change {
        /** Makes the change with that number, from 0: even ones are there, odd ones take the one before back. */
        void make(int number);

        /** Every worker decides by the change. */
        default void acknowledged(int number) {}
    }

    /** Begins at once. */
    public Changes(Change change, List<Worker> workers, int perSecond) {
        this.change = change;
        this.workers = workers;
        periodNanos = 1_000_000_000L / perSecond;
        thread.start();
    }

    private void run() {
        long due = System.nanoTime();
        for (int number = 0; !stop || number % 2 == 1; number++) {
            due += periodNanos;
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            long begin = System.nanoTime();
            change.make(number);
            GracePeriod.await(workers);
            change.acknowledged(number);
            acknowledgements.recordValue(Math.min(MAX_NANOS, System.nanoTime() - begin));
        }
    }

    /** Nanoseconds from each change to its acknowledgement. */
    public Histogram acknowledgements() {
        return acknowledgements;
    }

    /** Ends the thread; the last change is taken back then. */
    public void end() throws InterruptedException {
        stop = true;
        thread.join();
    }
}
