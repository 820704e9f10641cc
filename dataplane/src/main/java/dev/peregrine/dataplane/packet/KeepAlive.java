package dev.peregrine.dataplane.packet;

/**
 * The work of a stage for a flow now and then, as long as packets of it come: keeping the age of a table entry young.
 * It leaves this and a note in the {@link FlowRecording} of the first packet. Belongs to the stage's worker.
 */
public interface KeepAlive {
    /**
     * Does it, because a packet of the flow came.
     *
     * @return from when on a packet is to cause it again
     */
    long refresh(long note, long nowNanos);
}
