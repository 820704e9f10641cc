package dev.peregrine.bench.chain;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.stage.Sink;

/** Turns the order of each batch round. */
record Turned(Sink next) implements Sink {
    @Override
    public void accept(Batch batch) {
        Batch turned = new Batch();
        for (int i = batch.size() - 1; i >= 0; i--) {
            turned.add(batch.packet(i));
        }
        batch.clear();
        next.accept(turned);
    }
}
