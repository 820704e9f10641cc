package dev.peregrine.dataplane.device.bridge;

import dev.peregrine.dataplane.device.port.PathMtus;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.VlanTags;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Stage;

/**
 * Sends frames out by the port chosen for them. A frame that does not fit there ends here, and its sender receives the
 * MTU (see {@link TooBigReply}); a superframe fits when its segments do. Where a segment has MSS clamping, the stage
 * lowers the MSS of TCP connections to what fits.
 */
final class MtuStage implements Stage {
    private final Bridge bridge;
    private final TooBigReply reply = new TooBigReply();
    private final ReplyLimit limit;
    private PathMtus mtus;

    MtuStage(Bridge bridge) {
        this.bridge = bridge;
        limit = new ReplyLimit(bridge.localPorts());
        mtus = bridge.mtus();
    }

    @Override
    public String name() {
        return "mtu";
    }

    @Override
    public boolean recordsFlow() {
        return true;
    }

    @Override
    public void process(Batch batch) {
        mtus = bridge.mtus();
        for (int i = 0; i < batch.size(); i++) {
            batch.verdict(i, sendOut(batch.packet(i), batch.nowNanos()));
        }
    }

    private int sendOut(Packet packet, long nowNanos) {
        int segment = packet.segment();
        int mtu = mtus.to(segment, packet.outPort());
        int payload = packet.wireLength() - EthernetHeader.LENGTH;
        if (payload > mtu && payload - VlanTags.bytes(packet, 0) > mtu) {
            return refuse(packet, mtu, nowNanos);
        }
        if (mtus.clampsMss(segment)) {
            MssClamp.clamp(packet, Math.min(mtu, mtus.to(segment, packet.inPort())));
        }
        FlowRecording recording = packet.recording();
        if (recording != null) {
            recording.limit((long) mtu + EthernetHeader.LENGTH + VlanTags.bytes(packet, 0));
        }
        return Verdict.forward(Bridge.exitTo(packet.outPort()));
    }

    private int refuse(Packet packet, int mtu, long nowNanos) {
        if (!reply.isDue(packet, mtu) || !mayReply(packet, nowNanos)) {
            return Verdict.drop(DropReason.MTU_EXCEEDED);
        }
        reply.write(packet, mtu);
        packet.outPort(packet.inPort());
        return Verdict.answer(Bridge.exitTo(packet.inPort()), DropReason.MTU_EXCEEDED);
    }

    private boolean mayReply(Packet packet, long nowNanos) {
        return limit.take(packet.inPort(), packet.segment(), packet.getMac(EthernetHeader.SOURCE), nowNanos);
    }
}
