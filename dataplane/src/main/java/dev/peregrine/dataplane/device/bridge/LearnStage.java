package dev.peregrine.dataplane.device.bridge;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.fdb.FdbReader;
import dev.peregrine.dataplane.device.fdb.FdbTable;
import dev.peregrine.dataplane.device.fdb.LearnQueue;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.KeepAlive;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Stage;

/** Checks and learns the source MAC of every frame. */
final class LearnStage implements Stage, KeepAlive {
    private final Bridge bridge;
    private final FdbReader fdb;
    private final LearnQueue queue;
    private Learning[] learning = new Learning[0];

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
    public boolean recordsFlow() {
        return true;
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
        long source = packet.getMac(EthernetHeader.SOURCE);
        if (!Fdb.isUnicast(source)) {
            return Verdict.drop(DropReason.MAC_INVALID_SOURCE);
        }
        int segment = packet.segment();
        FlowRecording recording = packet.recording();
        if (fdb.find(segment, source)) {
            if (fdb.port() == packet.inPort()) {
                fdb.refresh(nowNanos);
                if (recording != null) {
                    recording.keepAlive(this, FdbTable.key(segment, source), fdb.refreshNanos(nowNanos));
                }
                return Verdict.forward(0);
            }
            if (fdb.isBound()) {
                return Verdict.drop(DropReason.FDB_STATIC_ENTRY);
            }
            if (fdb.isControl() && Ports.isTunnel(packet.inPort())) {
                return Verdict.forward(0); // the control plane knows better than tunnels, as long as it says so
            }
        }
        if (segment < learning.length && learning[segment].learnsFrom(packet.inPort())) {
            queue.post(segment, source, packet.inPort(), nowNanos);
            if (recording != null) {
                recording.markUncacheable(); // until the entry is made, every packet must ask for it
            }
        }
        return Verdict.forward(0);
    }

    /** Refreshes the entry of a source MAC for a flow that skips this stage. */
    @Override
    public long refresh(long key, long nowNanos) {
        fdb.forget();
        fdb.find(FdbTable.segment(key), FdbTable.mac(key));
        fdb.refresh(nowNanos);
        return fdb.refreshNanos(nowNanos);
    }
}
