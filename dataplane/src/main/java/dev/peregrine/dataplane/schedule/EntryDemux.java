package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.stage.Containment;
import dev.peregrine.dataplane.stage.Sink;
import java.util.Arrays;
import java.util.Map;

/** Sends packets that other workers handed over to their entry in this worker's graph. */
final class EntryDemux implements Sink {
    private final Sink[] entries;
    private final Batch[] pending;
    private final Containment containment;

    /** @param places those that packets are handed to, by {@link Topology#number} */
    EntryDemux(Map<Integer, Sink> places, Containment containment) {
        this.containment = containment;
        int bound =
                1 + places.keySet().stream().mapToInt(Integer::intValue).max().orElse(-1);
        entries = new Sink[bound];
        pending = new Batch[bound];
        Arrays.fill(entries, (Sink) EntryDemux::refuse);
        Arrays.fill(pending, new Batch());
        places.forEach((number, sink) -> {
            entries[number] = sink;
            pending[number] = new Batch();
        });
    }

    private static void refuse(Batch batch) {
        throw new IllegalStateException(
                "handed to place " + batch.packet(0).entry() + ", which is not in the graph of this worker");
    }

    @Override
    public void accept(Batch batch) {
        int common = commonEntry(batch);
        if (common >= 0) {
            entries[common].accept(batch);
            return;
        }
        long nowNanos = batch.nowNanos();
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            Batch to = pending[packet.entry()];
            to.nowNanos(nowNanos);
            to.add(packet);
        }
        batch.clear();
        for (int entry = 0; entry < entries.length; entry++) {
            if (!pending[entry].isEmpty()) {
                containment.pass(entries[entry], pending[entry]);
            }
        }
    }

    private static int commonEntry(Batch batch) {
        int entry = batch.packet(0).entry();
        for (int i = 1; i < batch.size(); i++) {
            if (batch.packet(i).entry() != entry) {
                return -1;
            }
        }
        return entry;
    }
}
