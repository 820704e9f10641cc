package dev.peregrine.dataplane.device.neighbour;

/**
 * Decides whether the gateway may answer for a host. A host is {@linkplain Neighbour#doubt doubted} from a reason to
 * believe that it has gone until a message of its own is seen; meanwhile questions about it are flooded.
 *
 * <p>Belongs to one worker; the doubts themselves are in the entries, which workers share.
 */
final class NeighbourDoubts {
    /**
     * The time after a host's last message for which the gateway answers for it: the time for which a host considers a
     * neighbour reachable (REACHABLE_TIME, RFC 4861 section 10).
     */
    static final long CONFIRMED_NANOS = 30_000_000_000L;

    /** How much older than the clock an entry's age must be to be worth a write to a shared cache line. */
    private static final long REFRESH_NANOS = 1_000_000_000L;

    private final NeighbourTable table;
    private final RecentAnswers answers = new RecentAnswers();

    /** The handling of a question for a host. */
    enum Course {
        /** The gateway answers in place of the host. */
        ANSWER,
        /** The question goes to the host itself and to no other. */
        ASK_HOST,
        /** All are asked. */
        ASK_ALL
    }

    NeighbourDoubts(NeighbourTable table) {
        this.table = table;
    }

    /**
     * Decides about a question that went to all. A host that was silent for long is asked itself, and doubted until it
     * answers. A repeated question means that the answer did not help its asker, unless the host has just sent
     * something.
     */
    Course course(Neighbour host, long asking, long nowNanos) {
        if (!host.isLearned()) {
            return Course.ANSWER;
        }
        if (host.isDoubted()) {
            return Course.ASK_ALL;
        }
        long silentNanos = nowNanos - host.seenNanos();
        if (silentNanos >= CONFIRMED_NANOS) {
            host.doubt();
            return Course.ASK_HOST;
        }
        boolean repeats = answers.repeats(host.segment, host.high, host.low, asking, nowNanos);
        if (repeats && silentNanos >= RecentAnswers.MEMORY_NANOS) {
            host.doubt();
            return Course.ASK_ALL;
        }
        return Course.ANSWER;
    }

    /**
     * Records that a host has an address, without enough information for an entry. If it is the known host of the
     * address, it is alive; if it is another, the known one may have gone.
     */
    void used(int segment, long high, long low, long mac, long nowNanos) {
        Neighbour known = table.find(segment, high, low);
        if (known == null) {
            return;
        }
        if (known.mac == mac) {
            heard(known, nowNanos);
        } else {
            known.doubt();
        }
    }

    /** Records that a host asks whether an address is free: another host that is known to have it may have gone. */
    void wanted(int segment, long high, long low, long mac) {
        Neighbour known = table.find(segment, high, low);
        if (known != null && known.mac != mac) {
            known.doubt();
        }
    }

    /** Records that a message of the host itself was seen. */
    void heard(Neighbour host, long nowNanos) {
        if (host.isDoubted() || nowNanos - host.seenNanos() >= REFRESH_NANOS) {
            host.seen(nowNanos);
        }
    }
}
