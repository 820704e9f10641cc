package dev.peregrine.vxlan;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Rewrite;

/** Copies outer ECN to the inner IP header (RFC 6040 section 4.2) and removes the VXLAN header. */
final class Decapsulation implements Rewrite {
    static final Decapsulation INSTANCE = new Decapsulation();

    private Decapsulation() {}

    /** Returns false for outer congestion experienced over an inner flow without ECN: the packet must be dropped. */
    @Override
    public boolean apply(Packet packet) {
        int outer = packet.outerTos();
        if ((outer & Ecn.MASK) != Ecn.NOT_ECT) {
            int before = InnerFrame.tos(packet);
            int after = Ecn.decap(before, outer);
            if (after == Ecn.DROP) {
                return false;
            }
            if (after != (before & Ecn.MASK)) {
                InnerFrame.replaceTos(packet, (before & ~Ecn.MASK) | after);
            }
        }
        packet.pull(VxlanHeader.LENGTH);
        return true;
    }
}
