package dev.peregrine.dataplane.device;

/**
 * Whether hosts may be spoken for. A host is {@linkplain Neighbour#doubt doubted} when there is reason to believe that it
 * has gone, and until a message of its own is seen; what is asked about it meanwhile is asked of all.
 *
 * <p>One worker's; the doubts themselves stand in the entries, which workers share.
 */
final class NeighbourDoubts {
    /**
     * For how long a host's word is good for answers. The time for which a host takes a neighbour for reachable, too
     * (REACHABLE_TIME, RFC 4861 section 10).
     */
    static final long CONFIRMED_NANOS = 30_000_000_000L;

    /** How much older than the clock an entry's age must be to be worth a write to a shared cache line. */
    private static final long REFRESH_NANOS = 1_000_000_000L;

    private final NeighbourTable table;
    private final RecentAnswers answers = new RecentAnswers();

    /** The course that a question for a host takes. */
    enum Course {
        /** It is answered in place of the host. */
        ANSWER,
        /** The host itself is asked, and nobody else. */
        ASK_HOST,
        /** All are asked. */
        ASK_ALL
    }

    NeighbourDoubts(NeighbourTable table) {
        this.table = table;
    }

    /**
     * Decides about a question that went to all. A host that was silent for long is asked itself, and doubted until it
     * answers. One who asks again was not helped by the answer, unless the host has just been heard.
     */
    Course course(Neighbour host, long asking, long nowNanos) {
        if (host.isStatic) {
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
     * A host has an address without saying enough for an entry: it is the one that is known to have it, and alive, or
     * another, and the known one may have gone.
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

    /** A host asks whether an address is free, to take it: another that is known to have it may have gone. */
    void wanted(int segment, long high, long low, long mac) {
        Neighbour known = table.find(segment, high, low);
        if (known != null && known.mac != mac) {
            known.doubt();
        }
    }

    /** A message of a host itself was seen. */
    void heard(Neighbour host, long nowNanos) {
        if (host.isDoubted() || nowNanos - host.seenNanos() >= REFRESH_NANOS) {
            host.seen(nowNanos);
        }
    }
}
