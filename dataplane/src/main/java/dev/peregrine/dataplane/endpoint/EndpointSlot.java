package dev.peregrine.dataplane.endpoint;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;
import org.jspecify.annotations.Nullable;

/**
 * The place of a port's endpoint in one worker's graph. Endpoints come and go with their namespaces, the graph stays:
 * while the slot is empty, frames for it are dropped as {@link DropReason#PORT_DOWN}. Belongs to one worker.
 */
public final class EndpointSlot implements Source, Sink {
    private final DropCounters drops;
    private @Nullable Endpoint endpoint;

    /** An empty slot that counts its drops in {@code drops}. */
    public EndpointSlot(DropCounters drops) {
        this.drops = drops;
    }

    /** Puts an endpoint in, or takes it out with null; called on the worker's thread. */
    public void attach(@Nullable Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    @Override
    public int poll(Batch batch) {
        return endpoint == null ? 0 : endpoint.poll(batch);
    }

    @Override
    public boolean isReady() {
        return endpoint != null && endpoint.isReady();
    }

    @Override
    public void accept(Batch batch) {
        if (endpoint != null) {
            endpoint.accept(batch);
            return;
        }
        drops.drop(batch, DropReason.PORT_DOWN);
    }
}
