package dev.peregrine.fastpath;

import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.Packet;
import org.jspecify.annotations.Nullable;

/** One packet that walks the chain under observation, from its look-up to its record. Belongs to one worker. */
final class Observation {
    final FlowRecording recording;
    FlowKey key = new FlowKey();
    long hash;
    long since;
    int lookup;

    /** The packet as the fast path would have made it; null unless the two are to be compared. */
    @Nullable
    Packet twin;

    Observation(int index) {
        recording = new FlowRecording(index);
    }

    /** Whether another packet can begin. */
    boolean isFree() {
        return twin == null && !recording.isTaken();
    }
}
