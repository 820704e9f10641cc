package dev.peregrine.vxlan;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Stage;

/**
 * Takes the VXLAN header off (RFC 7348 section 5) and passes outer ECN on to the inner header (RFC 6040 section 4.2).
 * Expects packets whose head begins with the VXLAN header and whose inner frame has been dissected.
 */
final class DecapStage implements Stage {
    private static final int FORWARD = Verdict.forward(0);

    private final Vtep vtep;
    private final VxlanHeader vxlan = new VxlanHeader();
    private final InnerFrame inner = new InnerFrame();
    private SegmentTable segments;
    private boolean strict;

    DecapStage(Vtep vtep) {
        this.vtep = vtep;
        segments = vtep.segments();
    }

    @Override
    public String name() {
        return "decap";
    }

    @Override
    public void process(Batch batch) {
        segments = vtep.segments();
        strict = vtep.settings().reservedBits() == TunnelSettings.ReservedBits.STRICT;
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
        if (!vxlan.hasVni() || (strict && vxlan.hasReservedBits())) {
            return Verdict.drop(DropReason.VXLAN_INVALID_HDR);
        }
        int segment = segments.indexOf(vxlan.vni());
        if (segment < 0) {
            return Verdict.drop(DropReason.VXLAN_VNI_NOT_FOUND);
        }
        inner.wrap(packet, VxlanHeader.LENGTH);
        if (inner.tagBytes() > 0 && !segments.carriesTags(segment)) {
            return Verdict.drop(DropReason.INNER_VLAN_TAGGED);
        }
        if (inner.isIp()) {
            if (!inner.hasValidIpHeader()) {
                return Verdict.drop(DropReason.INNER_HEADER_INVALID);
            }
            if (!passEcnOn(packet.outerTos())) {
                return Verdict.drop(DropReason.IP_TUNNEL_ECN);
            }
        }
        packet.segment(segment).pull(VxlanHeader.LENGTH);
        return FORWARD;
    }

    /** Combines outer and inner ECN in the inner header; false when the packet must be dropped. */
    private boolean passEcnOn(int outerTos) {
        int before = inner.tos();
        int after = Ecn.decap(before, outerTos);
        if (after == Ecn.DROP) {
            return false;
        }
        if (after != (before & Ecn.MASK)) {
            inner.tos((before & ~Ecn.MASK) | after);
        }
        return true;
    }
}
