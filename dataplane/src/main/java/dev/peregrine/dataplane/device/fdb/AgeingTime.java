package dev.peregrine.dataplane.device.fdb;

/**
 * The time before which no entry of a table can have been silent for its ageing time: until then nobody has to look at
 * all of them. Entries that are made after a look are seen later than it. Times are {@link System#nanoTime} readings.
 * Not thread-safe.
 */
public final class AgeingTime {
    private static final long NEVER = Long.MAX_VALUE / 2;

    private boolean isKnown;
    private long due;

    /** Nothing is known yet, so that a look is due. */
    public AgeingTime() {}

    /** Whether an entry may have aged. */
    public boolean isDue(long nowNanos) {
        return !isKnown || nowNanos - due >= 0;
    }

    /**
     * A look at all entries begins.
     *
     * @param shortestNanos the shortest ageing time that entries have; {@link Long#MAX_VALUE} where none ages
     */
    public void begin(long nowNanos, long shortestNanos) {
        isKnown = true;
        due = nowNanos + Math.min(shortestNanos, NEVER);
    }

    /** An entry that ages, and was seen at a time, stays. */
    public void stays(long seenNanos, long ageingNanos) {
        long its = seenNanos + Math.min(ageingNanos, NEVER);
        if (its - due < 0) due = its;
    }

    /** Ageing times have changed. */
    public void forget() {
        isKnown = false;
    }
}
