package dev.peregrine.dataplane.stage;

import dev.peregrine.dataplane.packet.Batch;

/** Takes packets: the next node, a link, an endpoint or the underlay. */
public interface Sink {
    /**
     * Takes over all packets of the batch, which is empty on return. A sink that throws leaves in the batch the packets
     * that it has neither passed on nor released; they are the caller's again (see {@link Containment}).
     */
    void accept(Batch batch);
}
