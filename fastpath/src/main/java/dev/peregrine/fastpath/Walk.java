package dev.peregrine.fastpath;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Trail;
import org.jspecify.annotations.Nullable;

/** One packet that walks the chain under observation, from its look-up to its record. Belongs to one worker. */
final class Walk {
    final Trail trail;
    FlowKey key = new FlowKey();
    long hash;
    long since;
    int lookup;

    /** The packet as the fast path would have made it; null unless the two are to be compared. */
    @Nullable
    Packet twin;

    Walk(int index) {
        trail = new Trail(index);
    }

    /** Whether another packet can begin. */
    boolean isFree() {
        return twin == null && !trail.isTaken();
    }
}
