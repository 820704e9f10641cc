package dev.peregrine.bench.micro;

import dev.peregrine.bench.chain.Devices;
import dev.peregrine.bench.chain.FlowOrder;
import dev.peregrine.bench.chain.MemorySource;
import dev.peregrine.bench.chain.Pace;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.PacketPool;

/** A batch of VXLAN datagrams with inner frames of 60 bytes. */
final class Datagrams implements AutoCloseable {
    private final PacketPool pool = new PacketPool(Batch.CAPACITY, Batch.CAPACITY);
    private final Batch batch = new Batch();

    Datagrams() {
        Traffic traffic = Traffic.of(Batch.CAPACITY, 18);
        try (MemorySource source = new MemorySource(
                pool,
                0,
                1,
                new Devices(1).tunnelPort(),
                traffic,
                FlowOrder.inTurn(traffic.flows()),
                Pace.UNLIMITED,
                false)) {
            source.poll(batch);
        }
    }

    Batch batch() {
        return batch;
    }

    @Override
    public void close() {
        pool.close();
    }
}
