package dev.peregrine.dataplane.stage;

import dev.peregrine.dataplane.packet.Batch;

/** Takes packets: the next node, a link, an endpoint or the underlay. */
public interface Sink {
    /** Takes over all packets of the batch, which is empty on return. */
    void accept(Batch batch);
}
