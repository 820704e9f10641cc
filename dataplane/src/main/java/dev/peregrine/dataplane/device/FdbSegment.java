package dev.peregrine.dataplane.device;

import java.util.concurrent.atomic.AtomicLong;

/**
 * One segment's share of an {@link Fdb}: its settings and counts. The control thread writes; any thread may read the
 * counts.
 */
public final class FdbSegment {
    private final AtomicLong entries = new AtomicLong();
    private final AtomicLong dynamicEntries = new AtomicLong();
    private final AtomicLong learns = new AtomicLong();
    private final AtomicLong moves = new AtomicLong();
    private final AtomicLong refusals = new AtomicLong();
    private final AtomicLong aged = new AtomicLong();
    private int limit;
    private long ageingNanos;

    FdbSegment() {}

    void configure(int newLimit, long newAgeingNanos) {
        limit = newLimit;
        ageingNanos = newAgeingNanos;
    }

    /** The most dynamic entries that learning may make. */
    int limit() {
        return limit;
    }

    boolean isAged(long idleNanos) {
        return ageingNanos > 0 && idleNanos >= ageingNanos;
    }

    void added(boolean isStatic) {
        entries.incrementAndGet();
        if (!isStatic) {
            dynamicEntries.incrementAndGet();
        }
    }

    void removed(boolean isStatic) {
        entries.decrementAndGet();
        if (!isStatic) {
            dynamicEntries.decrementAndGet();
        }
    }

    void learned() {
        learns.incrementAndGet();
    }

    void moved() {
        moves.incrementAndGet();
    }

    void refused() {
        refusals.incrementAndGet();
    }

    void agedOut() {
        aged.incrementAndGet();
    }

    /** Entries now, static and dynamic. */
    public long entries() {
        return entries.get();
    }

    /** Dynamic entries now: those that the limit is about. */
    public long dynamicEntries() {
        return dynamicEntries.get();
    }

    /** Entries that learning made. */
    public long learns() {
        return learns.get();
    }

    /** Entries that learning moved to another port. */
    public long moves() {
        return moves.get();
    }

    /** Entries that learning did not make, because the segment or the table was full. */
    public long refusals() {
        return refusals.get();
    }

    /** Entries that went because their MAC was silent for too long. */
    public long aged() {
        return aged.get();
    }
}
