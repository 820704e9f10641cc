package dev.peregrine.fastpath;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Stage;

/**
 * Stands behind the chain and sends packets to the egress port that was decided, whether they walked or took the fast
 * path. Records the flows of packets that walked under observation.
 */
final class FlowRecorder implements Stage {
    private static final int TUNNEL = Verdict.forward(0);

    private final FastPath path;

    FlowRecorder(FastPath path) {
        this.path = path;
    }

    @Override
    public String name() {
        return "record";
    }

    @Override
    public void process(Batch batch) {
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            FlowRecording recording = packet.recording();
            if (recording != null) {
                path.record(packet, recording, batch.nowNanos());
            }
            int port = packet.outPort();
            batch.verdict(i, Ports.isTunnel(port) ? TUNNEL : Verdict.forward(1 + port));
        }
    }
}
