package dev.peregrine.dataplane.policy.conntrack;

import dev.peregrine.dataplane.packet.Counter;

/**
 * Counts of what became of the flows that one worker's trackers asked places for. It stays when they go with their
 * stages, so that counts go on. The worker writes; any thread may read.
 */
public final class FlowTally {
    final Counter opened = new Counter();
    final Counter evicted = new Counter();
    final Counter refused = new Counter();

    FlowTally() {}
}
