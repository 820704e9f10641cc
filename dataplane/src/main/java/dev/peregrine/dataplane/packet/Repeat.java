package dev.peregrine.dataplane.packet;

/**
 * What a stage does for every packet of a flow besides deciding: counting the hits of a rule, charging a limit. It
 * leaves this and a note on the {@link Trail} of the first packet, and a flow cache repeats it for each later one.
 * Belongs to the stage's worker.
 */
public interface Repeat {
    /**
     * Whether the packet may go on without the stage having seen it; changes nothing. When false, the packet walks
     * the chain, and the stage decides itself.
     */
    boolean permits(long note, Packet packet, long nowNanos);

    /** Does it for a packet that every stage has permitted. */
    void repeat(long note, Packet packet, long nowNanos);
}
