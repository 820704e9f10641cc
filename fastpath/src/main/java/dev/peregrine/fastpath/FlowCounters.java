package dev.peregrine.fastpath;

import dev.peregrine.dataplane.packet.Counter;

/**
 * The counts of one worker's flow cache, in wire packets where packets are counted. One writing thread; any thread may
 * read.
 */
public final class FlowCounters {
    final Counter entries = new Counter();
    final Counter hits = new Counter();
    final Counter misses = new Counter();
    final Counter bypasses = new Counter();
    final Counter inserts = new Counter();
    final Counter evictions = new Counter();
    final Counter stale = new Counter();
    final Counter compared = new Counter();
    final Counter mismatches = new Counter();

    FlowCounters() {}

    /** Flows in the cache. */
    public long entries() {
        return entries.value();
    }

    /** Packets whose flow was known: they took the fast path, unless they were compared. */
    public long hits() {
        return hits.value();
    }

    /** Packets whose flow was unknown, or whose decision was out of date. */
    public long misses() {
        return misses.value();
    }

    /** Packets that the cache does not serve, or that had to walk the chain although their flow was known. */
    public long bypasses() {
        return bypasses.value();
    }

    /** Flows that were inserted. */
    public long inserts() {
        return inserts.value();
    }

    /** Flows that others displaced. */
    public long evictions() {
        return evictions.value();
    }

    /** Look-ups that found a decision that was out of date. */
    public long stale() {
        return stale.value();
    }

    /** Packets that took the chain and the fast path, to compare the results. */
    public long compared() {
        return compared.value();
    }

    /** Packets for which the fast path would have differed from the chain: a bug. */
    public long mismatches() {
        return mismatches.value();
    }
}
