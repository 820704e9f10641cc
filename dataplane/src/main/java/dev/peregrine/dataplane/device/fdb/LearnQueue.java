package dev.peregrine.dataplane.device.fdb;

import dev.peregrine.dataplane.header.Mix;

/**
 * The queue by which one worker reports to the control thread which MAC it saw at which port, see {@link ReportQueue}.
 * A sighting that is lost costs a repeated flood. One that was just posted is not posted again, since its entry will
 * soon be made, or was refused.
 */
public final class LearnQueue {
    private static final int COMMON = 1024;
    private static final int RECENT = 256;

    /** The time for which the same sighting is not posted again. */
    private static final long REPEAT_NANOS = 100_000_000L;

    private final ReportQueue reports;
    private final long[] recentKeys = new long[RECENT];
    private final int[] recentPorts = new int[RECENT];
    private final long[] recentNanos = new long[RECENT];

    /** The entries that have moved, for the control thread. */
    private int moved;

    /** An empty queue; the worker calls {@code raise} to wake the control thread; it must not block. */
    public LearnQueue(int localPorts, int segments, Runnable raise) {
        reports = new ReportQueue(COMMON, localPorts, segments, raise);
    }

    /** Posts that a frame from {@code mac} came in by {@code port}; the control thread sees it once published. */
    public void post(int segment, long mac, int port, long nowNanos) {
        long key = FdbTable.key(segment, mac);
        int recent = (int) ((key * Mix.GOLDEN) >>> 56);
        if (recentKeys[recent] == key && recentPorts[recent] == port && nowNanos - recentNanos[recent] < REPEAT_NANOS) {
            return;
        }
        if (reports.post(port, segment, mac, 0, 0)) {
            recentKeys[recent] = key;
            recentPorts[recent] = port;
            recentNanos[recent] = nowNanos;
        }
    }

    /** As {@link ReportQueue#publish}. */
    public void publish() {
        reports.publish();
    }

    /**
     * Applies the published sightings to the FDB; called by the control thread.
     *
     * @return the number of entries that moved to another port
     */
    public int drain(Fdb fdb, long nowNanos) {
        moved = 0;
        reports.drain((port, segment, mac, _, _) -> {
            if (fdb.learn(segment, mac, port, nowNanos) == Fdb.Learned.MOVED) {
                moved++;
            }
        });
        return moved;
    }

    /** The number of sightings that were lost; any thread may ask. */
    public long dropped() {
        return reports.dropped();
    }
}
