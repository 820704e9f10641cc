package dev.peregrine.dataplane.device.fdb;

import java.util.Arrays;

/** The segments of an {@link Fdb} by index. One writer; any thread may read. */
final class FdbSegments {
    private volatile FdbSegment[] all = new FdbSegment[0];

    /** A segment that was configured. */
    FdbSegment get(int segment) {
        FdbSegment[] known = all;
        if (segment < known.length) {
            return known[segment];
        }
        throw new IllegalArgumentException("segment " + segment + " was never configured");
    }

    /** As {@link Fdb#configure}. */
    void configure(int segment, int limit, long ageingNanos) {
        if (segment < 0 || segment >= Fdb.MAX_SEGMENTS) {
            throw new IllegalArgumentException("segment " + segment + " is not in 0.." + (Fdb.MAX_SEGMENTS - 1));
        }
        FdbSegment[] known = all;
        if (segment >= known.length) {
            FdbSegment[] grown = Arrays.copyOf(known, segment + 1);
            for (int i = known.length; i < grown.length; i++) {
                grown[i] = new FdbSegment();
            }
            all = grown;
        }
        all[segment].configure(limit, ageingNanos);
    }

    /** The shortest ageing time of all, in nanoseconds; {@link Long#MAX_VALUE} where nothing ages. */
    long shortestAgeing() {
        long shortest = Long.MAX_VALUE;
        for (FdbSegment segment : all) {
            if (segment.ages()) shortest = Math.min(shortest, segment.ageing());
        }
        return shortest;
    }

    /** As {@link Fdb#forgetSegment}: a segment without settings and counts takes its place. */
    void forget(int segment) {
        FdbSegment[] known = all.clone();
        known[segment] = new FdbSegment();
        all = known;
    }
}
