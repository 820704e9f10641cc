package dev.peregrine.gateway;

import java.util.List;

/** How busy each worker is: a running mean of the share of time that its turns take. */
final class WorkerLoads {
    private static final double SAMPLE_WEIGHT = 0.5;

    private final List<Lane> lanes;
    private long[] busyBefore = new long[0];
    private double[] load = new double[0];
    private long before = System.nanoTime();

    WorkerLoads(List<Lane> lanes) {
        this.lanes = lanes;
    }

    /** Takes a sample; called about once a second by the control thread. */
    void sample(long nowNanos) {
        if (load.length != lanes.size()) {
            busyBefore = new long[lanes.size()];
            load = new double[lanes.size()];
        }
        long elapsed = Math.max(1, nowNanos - before);
        before = nowNanos;
        for (int i = 0; i < load.length; i++) {
            long busy = lanes.get(i).loop().busyNanos();
            double share = 100.0 * (busy - busyBefore[i]) / elapsed;
            busyBefore[i] = busy;
            load[i] += (Math.min(100, share) - load[i]) * SAMPLE_WEIGHT;
        }
    }

    /** Percent of the time in which the worker had work, rounded to a tenth. */
    double percent(int worker) {
        return worker < load.length ? Math.round(load[worker] * 10) / 10.0 : 0;
    }
}
