package dev.peregrine.vxlan;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.PriorityTag;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Stage;

/**
 * Checks the VXLAN header (RFC 7348 section 5) and removes it as {@link Decapsulation} does. Expects packets whose head
 * begins with the VXLAN header and whose inner frame has been dissected.
 */
final class DecapStage implements Stage {
    private static final int FORWARD = Verdict.forward(0);

    private final Vtep vtep;
    private final VxlanHeader vxlan = new VxlanHeader();
    private final InnerFrame inner = new InnerFrame();
    private SegmentTable segments;
    private long forbidden;

    DecapStage(Vtep vtep) {
        this.vtep = vtep;
        segments = vtep.segments();
    }

    @Override
    public String name() {
        return "decap";
    }

    @Override
    public boolean recordsFlow() {
        return true;
    }

    @Override
    public void process(Batch batch) {
        segments = vtep.segments();
        forbidden = vtep.settings().reservedBits();
        for (int i = 0; i < batch.size(); i++) {
            batch.verdict(i, decap(batch.packet(i)));
        }
    }

    private int decap(Packet packet) {
        if (packet.inPort() < 0) {
            return Verdict.drop(
                    packet.inPort() == VtepTable.NO_ROOM ? DropReason.VTEP_TABLE_FULL : DropReason.VTEP_NOT_ALLOWED);
        }
        if (packet.headLength() < VxlanHeader.LENGTH + EthernetHeader.LENGTH) {
            return Verdict.drop(DropReason.VXLAN_TRUNCATED);
        }
        vxlan.wrap(packet, 0);
        if (!vxlan.hasVni() || vxlan.hasAny(forbidden)) {
            return Verdict.drop(DropReason.VXLAN_INVALID_HDR);
        }
        int segment = segments.indexOf(vxlan.vni());
        if (segment < 0) {
            vtep.rejections().note(0, packet.inPort(), vxlan.vni());
            return Verdict.drop(DropReason.VXLAN_VNI_NOT_FOUND);
        }
        return decap(packet, segment);
    }

    /**
     * Takes the header off a frame of {@code segment}, unless the frame is of a kind that the segment does not carry.
     */
    private int decap(Packet packet, int segment) {
        inner.wrap(packet, VxlanHeader.LENGTH);
        boolean isPriorityTagged = false;
        if (inner.tagBytes() > 0 && !segments.carriesTags(segment)) {
            isPriorityTagged = inner.hasPriorityTagAlone();
            if (!isPriorityTagged) {
                return Verdict.drop(DropReason.INNER_VLAN_TAGGED);
            }
        }
        if (!inner.isIp()) {
            packet.pull(VxlanHeader.LENGTH);
        } else if (!inner.hasValidIpHeader()) {
            return Verdict.drop(DropReason.INNER_HEADER_INVALID);
        } else if (!Decapsulation.INSTANCE.apply(packet)) {
            return Verdict.drop(DropReason.IP_TUNNEL_ECN);
        }
        packet.segment(segment);
        FlowRecording recording = packet.recording();
        if (recording != null) {
            recording.rewrite(Decapsulation.INSTANCE);
        }
        if (isPriorityTagged) {
            PriorityTag.remove(packet);
        }
        return FORWARD;
    }
}
