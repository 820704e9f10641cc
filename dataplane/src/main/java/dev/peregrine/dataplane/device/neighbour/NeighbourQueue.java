package dev.peregrine.dataplane.device.neighbour;

import dev.peregrine.dataplane.device.fdb.ReportQueue;

/**
 * The queue by which one worker reports to the control thread which host claims an address, see {@link ReportQueue}. A
 * report that is lost costs a flooded request.
 */
public final class NeighbourQueue {
    private static final int COMMON = 256;

    /** Beside a MAC, which has 48 bits: a router claims the address. */
    private static final long ROUTER = 1L << 63;

    private final ReportQueue reports;

    /** An empty queue; the worker calls {@code raise} to wake the control thread; it must not block. */
    public NeighbourQueue(int localPorts, int segments, Runnable raise) {
        reports = new ReportQueue(COMMON, localPorts, segments, raise);
    }

    /** Posts that a host behind a port claimed an address for a MAC, and wakes the control thread if needed. */
    void post(int segment, int port, long high, long low, long mac, boolean isRouter) {
        reports.post(port, segment, mac | (isRouter ? ROUTER : 0), high, low);
        reports.publish();
    }

    /** Applies the posted reports to the table; called by the control thread. */
    public void drain(NeighbourTable table, long nowNanos) {
        reports.drain((port, segment, mac, high, low) ->
                table.learn(segment, port, high, low, mac & ~ROUTER, mac < 0, nowNanos));
    }

    /** The number of reports that were lost; any thread may ask. */
    public long dropped() {
        return reports.dropped();
    }
}
