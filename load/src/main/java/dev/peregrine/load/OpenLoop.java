package dev.peregrine.load;

/**
 * When packets are due. The times follow from the start and the rate alone, never from when earlier packets could be
 * sent: a receiver that measures from the due times sees the waiting that a late sender would hide (coordinated
 * omission). Packets are due in bursts, whose members share a time.
 */
public final class OpenLoop {
    private final int burst;
    private final double nanosPerBurst;
    private long start;

    /**
     * A schedule that has yet to be started.
     *
     * @param packetsPerSecond 0: every packet is due at once
     * @param burst packets that are due together, at least 1
     */
    public OpenLoop(double packetsPerSecond, int burst) {
        this.burst = burst;
        nanosPerBurst = packetsPerSecond > 0 ? burst * 1e9 / packetsPerSecond : 0;
    }

    /** Sets the time, by {@link System#nanoTime}, at which the first burst is due. */
    public void start(long nanos) {
        start = nanos;
    }

    /** Whether there is a rate to keep. */
    public boolean isPaced() {
        return nanosPerBurst > 0;
    }

    /** Packets that are due by now, counted from the start; {@link Long#MAX_VALUE} without a rate. */
    public long due(long now) {
        if (!isPaced()) return Long.MAX_VALUE;
        long elapsed = now - start;
        return elapsed < 0 ? 0 : ((long) (elapsed / nanosPerBurst) + 1) * burst;
    }

    /** When a packet is due, by {@link System#nanoTime}; the start without a rate. */
    public long dueNanos(long packet) {
        long bursts = packet / burst;
        return start + (long) Math.ceil(bursts * nanosPerBurst);
    }
}
