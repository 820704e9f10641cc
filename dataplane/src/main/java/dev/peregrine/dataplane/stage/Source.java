package dev.peregrine.dataplane.stage;

import dev.peregrine.dataplane.packet.Batch;

/** Gives packets: the underlay, an endpoint, or the far end of a link. */
public interface Source {
    /**
     * Adds packets to the batch, without blocking, until it is full or there are no more packets.
     *
     * @return the number of packets added; 0 means that there are none now
     */
    int poll(Batch batch);

    /** Whether packets wait that no file descriptor announces: answers that an endpoint made itself. */
    default boolean isReady() {
        return false;
    }
}
