package dev.peregrine.dataplane.schedule;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The load of each worker, in percent: a running mean as Falcon's code computes it, in whole numbers: {@code load = (4
 * * load + busy) / 5} for each sample. From idle to always busy it reads 20, 36, 48, 58, 66, 72, 77, 81, and never more
 * than 96. One thread samples, any thread reads.
 */
public final class LoadMeter {
    private static final int OLD_WEIGHT = 4;

    private final AtomicIntegerArray percent;
    private final long[] busyBefore;
    private long before;

    /** A meter that reads 0 for each worker. */
    public LoadMeter(int workers) {
        percent = new AtomicIntegerArray(workers);
        busyBefore = new long[workers];
    }

    /** Adds a sample: the share of the last interval in which a worker was busy, 0 to 100. */
    public void sample(int worker, int busyPercent) {
        int old = percent.getPlain(worker);
        percent.setOpaque(worker, (OLD_WEIGHT * old + busyPercent) / (OLD_WEIGHT + 1));
    }

    /**
     * Takes a sample of all workers.
     *
     * @param nowNanos the time, by any clock that only goes forward
     * @param busyNanos for each worker its busy time since its start
     */
    public void sample(long nowNanos, long[] busyNanos) {
        long elapsed = Math.max(1, nowNanos - before);
        before = nowNanos;
        for (int worker = 0; worker < busyNanos.length; worker++) {
            long busy = Math.max(0, busyNanos[worker] - busyBefore[worker]);
            busyBefore[worker] = busyNanos[worker];
            sample(worker, (int) Math.min(100, 100 * busy / elapsed));
        }
    }

    /** The load of a worker. */
    public int percent(int worker) {
        return percent.getOpaque(worker);
    }
}
