package dev.peregrine.vxlan;

/**
 * A tenant network as this VTEP sees it.
 *
 * @param index the number that packets carry, from 0; never reused for another VNI while packets are under way
 * @param vni the VNI that names it on the wire
 * @param mtu the largest inner IP packet, in bytes: Ethernet header and VLAN tags not counted
 * @param carriesTags whether inner frames may have VLAN tags (RFC 7348 section 6.1)
 */
public record Segment(int index, int vni, int mtu, boolean carriesTags) {
    /** Checks the ranges. */
    public Segment {
        Vni.requireValid(vni);
        if (index < 0 || index > Vni.MAX) {
            throw new IllegalArgumentException("segment index " + index);
        }
        if (mtu < 1) {
            throw new IllegalArgumentException("MTU " + mtu + " of VNI " + vni);
        }
    }
}
