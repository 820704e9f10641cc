package dev.peregrine.vxlan;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Rewrite;

/**
 * Puts the VXLAN header of a segment in front of a frame, and sets the outer TOS and TTL, which the underlay sends
 * with lengths, checksums and the source port that the flow hash stands for.
 */
final class Encapsulation implements Rewrite {
    private static final int ECN_BITS = 2;

    private final long header;
    private final TunnelSettings settings;

    /** For frames of the segment that a VNI names. */
    Encapsulation(int vni, TunnelSettings settings) {
        header = VxlanHeader.of(vni);
        this.settings = settings;
    }

    @Override
    public boolean apply(Packet packet) {
        packet.outerTos(tos(InnerFrame.tos(packet))).outerTtl(ttl(packet));
        push(packet);
        return true;
    }

    /** The same for a frame without a valid IP header, which has no fields to inherit. */
    void applyToOther(Packet packet) {
        packet.outerTos(Math.max(0, settings.dscp()) << ECN_BITS)
                .outerTtl(settings.ttl() == TunnelSettings.INHERIT ? TunnelSettings.DEFAULT_TTL : settings.ttl());
        push(packet);
    }

    private void push(Packet packet) {
        packet.push(VxlanHeader.LENGTH).setLong(0, header);
    }

    private int tos(int innerTos) {
        int dscp = settings.dscp() == TunnelSettings.INHERIT ? innerTos >>> ECN_BITS : settings.dscp();
        return (dscp << ECN_BITS) | Ecn.encap(innerTos, settings.encapEcn());
    }

    /** An inner TTL of zero, legal between hosts of one segment, becomes one: zero cannot be sent. */
    private int ttl(Packet packet) {
        return settings.ttl() == TunnelSettings.INHERIT ? Math.max(1, InnerFrame.ttl(packet)) : settings.ttl();
    }
}
