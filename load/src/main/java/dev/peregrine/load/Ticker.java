package dev.peregrine.load;

import dev.peregrine.dataplane.linux.sys.ThreadEnd;
import java.util.concurrent.locks.LockSupport;

/** Calls once per interval, on a thread of its own: formatting a line must not hold up the loop that is measured. */
public final class Ticker implements AutoCloseable {
    private final long intervalNanos;
    private final Tick tick;
    private final long start = System.nanoTime();
    private final Thread thread = new Thread(this::run, "intervals");
    private volatile boolean closed;

    /** Called at an interval's end. */
    @FunctionalInterface
    public interface Tick {
        /** Seconds since the ticker's start: where the interval began, where it ended. */
        void interval(double start, double end);
    }

    private Ticker(double seconds, Tick tick) {
        this.intervalNanos = (long) (seconds * 1e9);
        this.tick = tick;
    }

    /**
     * Starts the first interval.
     *
     * @param seconds the length of an interval, more than 0
     */
    public static Ticker start(double seconds, Tick tick) {
        Ticker ticker = new Ticker(seconds, tick);
        ticker.thread.setDaemon(true);
        ticker.thread.start();
        return ticker;
    }

    private void run() {
        long last = start;
        long next = start;
        do {
            next += intervalNanos;
            for (long now; !closed && (now = System.nanoTime()) < next; ) LockSupport.parkNanos(next - now);
            last = end(last);
        } while (!closed);
    }

    private long end(long last) {
        long now = System.nanoTime();
        // The rest at the end is an interval only if it is long enough for its rates to mean something.
        if (!closed || now - last > intervalNanos / 10) tick.interval((last - start) / 1e9, (now - start) / 1e9);
        return now;
    }

    /** Ends the interval that has begun, and waits for its call. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        ThreadEnd.await(thread);
    }
}
