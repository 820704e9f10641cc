package dev.peregrine.dataplane.device;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Stage;

/** Checks and learns the source MAC of every frame. */
final class LearnStage implements Stage {
    private static final int SOURCE = 6;

    private final Bridge bridge;
    private final FdbReader fdb;
    private final LearnQueue queue;
    private boolean[] learning = new boolean[0];

    LearnStage(Bridge bridge, LearnQueue queue) {
        this.bridge = bridge;
        fdb = bridge.fdb().reader();
        this.queue = queue;
    }

    @Override
    public String name() {
        return "learn";
    }

    @Override
    public void process(Batch batch) {
        fdb.forget();
        learning = bridge.learning();
        for (int i = 0; i < batch.size(); i++) {
            batch.verdict(i, learn(batch.packet(i), batch.nowNanos()));
        }
        queue.publish();
    }

    private int learn(Packet packet, long nowNanos) {
        long source = packet.getMac(SOURCE);
        if (!Fdb.isUnicast(source)) {
            return Verdict.drop(DropReason.MAC_INVALID_SOURCE);
        }
        int segment = packet.segment();
        if (fdb.find(segment, source)) {
            if (fdb.port() == packet.inPort()) {
                fdb.refresh(nowNanos);
                return Verdict.forward(0);
            }
            if (fdb.isBound()) {
                return Verdict.drop(DropReason.FDB_STATIC_ENTRY);
            }
        }
        if (segment < learning.length && learning[segment]) {
            queue.post(segment, source, packet.inPort(), nowNanos);
        }
        return Verdict.forward(0);
    }
}
