package dev.peregrine.dataplane.device;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.packet.Packet;

/** The VLAN tags of a frame (IEEE 802.1Q clause 9), read from its bytes. */
final class Tags {
    private static final int TYPE = 12;

    private Tags() {}

    /** Bytes of the tags of a frame: of none, one or two. */
    static int bytes(Packet packet) {
        if (!EthernetHeader.isVlan(packet.getShort(TYPE))) {
            return 0;
        }
        int second = TYPE + EthernetHeader.VLAN_TAG_LENGTH;
        boolean isStacked = packet.headLength() >= second + 2 && EthernetHeader.isVlan(packet.getShort(second));
        return isStacked ? 2 * EthernetHeader.VLAN_TAG_LENGTH : EthernetHeader.VLAN_TAG_LENGTH;
    }
}
