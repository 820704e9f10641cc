package dev.peregrine.dataplane.device.fdb;

import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.Ports;

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
    private final Shares shares = new Shares();
    private long ageingNanos;

    FdbSegment() {}

    void configure(int newLimit, long newAgeingNanos) {
        shares.places(newLimit);
        ageingNanos = newAgeingNanos;
    }

    /** The dynamic and sticky entries by their port: a local port, or all tunnels together. */
    private static int user(int port) {
        return Math.min(port, Ports.FIRST_TUNNEL);
    }

    void reserve(int port, int places) {
        shares.reserve(user(port), places);
    }

    /** Whether learning may place one more entry behind a port. */
    boolean hasRoom(int port) {
        return shares.hasRoom(user(port));
    }

    /** Whether learned entries age. */
    boolean ages() {
        return ageingNanos > 0;
    }

    /** The silence after which a learned entry expires, in nanoseconds, where they age. */
    long ageing() {
        return ageingNanos;
    }

    void count(int port, Fdb.Kind kind, int change) {
        entries.add(change);
        if (kind.isLearned()) {
            dynamicEntries.add(change);
            shares.count(user(port), change);
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

    /** Entries now, of all kinds. */
    public long entries() {
        return entries.value();
    }

    /** Dynamic and sticky entries now: those that the limit bounds. */
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

    /** Sightings that made no entry, because the segment, the port or the table was full. */
    public long refusals() {
        return refusals.value();
    }

    /** Entries that expired because their MAC was silent for too long. */
    public long aged() {
        return aged.value();
    }
}
