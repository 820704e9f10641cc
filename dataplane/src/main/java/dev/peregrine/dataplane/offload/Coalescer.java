package dev.peregrine.dataplane.offload;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.stage.Sink;

/** Generic receive offload. */
public final class Coalescer implements Sink {
    /**
     * @param prefixLength bytes of tunnel header in front of every inner frame
     * @param segmentLength the largest inner frame, Ethernet header included, that fits the overlay's MTU
     * @param merging whether adjacent datagrams may be merged
     */
    public Coalescer(
            int prefixLength,
            int segmentLength,
            boolean merging,
            PacketPool pool,
            DropCounters drops,
            Counters counters,
            Sink next) {}

    @Override
    public void accept(Batch batch) {
        throw new UnsupportedOperationException();
    }
}
