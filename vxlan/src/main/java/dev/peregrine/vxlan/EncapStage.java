package dev.peregrine.vxlan;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Stage;

/**
 * Puts the VXLAN header in front of an inner frame and decides the outer TOS and TTL, which the underlay sends.
 * Expects dissected inner frames with segment and egress port set.
 */
final class EncapStage implements Stage {
    private static final int ECN_BITS = 2;
    private static final int FORWARD = Verdict.forward(0);

    private final Vtep vtep;
    private final VxlanHeader vxlan = new VxlanHeader();
    private final InnerFrame inner = new InnerFrame();
    private SegmentTable segments;
    private TunnelSettings settings;

    EncapStage(Vtep vtep) {
        this.vtep = vtep;
        segments = vtep.segments();
        settings = vtep.settings();
    }

    @Override
    public String name() {
        return "encap";
    }

    @Override
    public void process(Batch batch) {
        segments = vtep.segments();
        settings = vtep.settings();
        for (int i = 0; i < batch.size(); i++) {
            batch.verdict(i, encap(batch.packet(i)));
        }
    }

    private int encap(Packet packet) {
        int segment = packet.segment();
        if (!segments.contains(segment)) {
            return Verdict.drop(DropReason.VXLAN_VNI_NOT_FOUND);
        }
        inner.wrap(packet, 0);
        if (inner.tagBytes() > 0 && !segments.carriesTags(segment)) {
            return Verdict.drop(DropReason.INNER_VLAN_TAGGED);
        }
        if (packet.wireLength() - EthernetHeader.LENGTH - inner.tagBytes() > segments.mtu(segment)) {
            return Verdict.drop(DropReason.MTU_EXCEEDED);
        }
        boolean ip = inner.isIp() && inner.hasValidIpHeader();
        packet.outerTos(ip ? tos(inner.tos()) : fixedDscp() << ECN_BITS);
        packet.outerTtl(ip ? ttl(inner.ttl()) : fixedTtl());
        packet.push(VxlanHeader.LENGTH);
        vxlan.wrap(packet, 0).write(segments.vni(segment));
        return FORWARD;
    }

    private int tos(int innerTos) {
        int dscp = settings.dscp() == TunnelSettings.INHERIT ? innerTos >>> ECN_BITS : settings.dscp();
        return (dscp << ECN_BITS) | Ecn.encap(innerTos, settings.encapEcn());
    }

    /** An inner TTL of zero, legal between hosts of one segment, becomes one: zero cannot be sent. */
    private int ttl(int innerTtl) {
        return settings.ttl() == TunnelSettings.INHERIT ? Math.max(1, innerTtl) : settings.ttl();
    }

    private int fixedDscp() {
        return Math.max(0, settings.dscp());
    }

    private int fixedTtl() {
        return settings.ttl() == TunnelSettings.INHERIT ? TunnelSettings.DEFAULT_TTL : settings.ttl();
    }
}
