package dev.peregrine.dataplane.device;

import dev.peregrine.dataplane.packet.Counter;

/**
 * One segment's share of an {@link Fdb}: its settings and counts. The control thread writes; any thread may read the
 * counts.
 */
public final class FdbSegment {
    private final Counter entries = new Counter();
    private final Counter dynamicEntries = new Counter();
    private final Counter learns = new Counter();
    private final Counter moves = new Counter();
    private final Counter refusals = new Counter();
    private final Counter aged = new Counter();
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

    void count(Fdb.Kind kind, int change) {
        entries.add(change);
        if (kind != Fdb.Kind.STATIC) {
            dynamicEntries.add(change);
        }
    }

    void learned() {
        learns.add(1);
    }

    void moved() {
        moves.add(1);
    }

    void refused() {
        refusals.add(1);
    }

    void agedOut() {
        aged.add(1);
    }

    /** Entries now, static and dynamic. */
    public long entries() {
        return entries.value();
    }

    /** Dynamic and sticky entries now: those that the limit is about. */
    public long dynamicEntries() {
        return dynamicEntries.value();
    }

    /** Entries that learning made. */
    public long learns() {
        return learns.value();
    }

    /** Entries that learning moved to another port. */
    public long moves() {
        return moves.value();
    }

    /** Entries that learning did not make, because the segment, the port or the table was full. */
    public long refusals() {
        return refusals.value();
    }

    /** Entries that went because their MAC was silent for too long. */
    public long aged() {
        return aged.value();
    }
}
