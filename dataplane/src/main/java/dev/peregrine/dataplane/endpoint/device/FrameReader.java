package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.packet.Batch;

/** Reads frames and superframes of a device into pooled buffers, and holds none of them between polls. */
interface FrameReader {
    /** Adds waiting frames to the batch; returns how many. */
    int poll(Batch batch);

    /** Frees what it has of its own. */
    default void close() {}
}
