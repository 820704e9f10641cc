package dev.peregrine.dataplane.packet;

/**
 * A count that a stage keeps of the packets that it sees, such as the hits of a rule. The stage leaves it on the
 * {@link FlowRecording} of a packet, and a flow cache adds the later packets of the flow, which the stage does not see.
 * Belongs to one worker.
 */
public interface HitCount {
    /** Adds wire packets, and the wire bytes of their frames without tunnel headers. */
    void add(int segments, long bytes);
}
