package dev.peregrine.dataplane.header;

import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.Packet;

/**
 * A VLAN tag with VLAN identifier 0 (IEEE 802.1Q clause 6.9): it carries a priority, and the frame belongs to no VLAN.
 *
 * <pre>
 *   | destination (6) | source (6) | 81 00 or 88 a8 | PCP (3 bits) DEI (1) VID (12): 0 | EtherType (2) |
 * </pre>
 */
public final class PriorityTag {
    private PriorityTag() {}

    /** Whether the outermost tag of the Ethernet frame at {@code index} of the head is a priority tag. */
    public static boolean isPresent(Packet packet, int index) {
        int type = index + EthernetHeader.ETHER_TYPE;
        return packet.headLength() >= index + EthernetHeader.LENGTH + VlanTags.LENGTH
                && EthernetHeader.isVlan(packet.getShort(type))
                && VlanTags.id(packet, type) == 0;
    }

    /**
     * Takes the outermost tag out of a dissected frame at the beginning of the head. The MAC addresses move up by four
     * bytes. A flow whose frames are changed like this is not remembered.
     */
    public static void remove(Packet packet) {
        long destination = packet.getMac(EthernetHeader.DESTINATION);
        long source = packet.getMac(EthernetHeader.SOURCE);
        packet.pull(VlanTags.LENGTH);
        packet.setMac(EthernetHeader.DESTINATION, destination);
        packet.setMac(EthernetHeader.SOURCE, source);
        packet.dissected(
                packet.getShort(EthernetHeader.ETHER_TYPE),
                packet.networkIndex(),
                packet.protocol(),
                packet.transportIndex());
        FlowRecording recording = packet.recording();
        if (recording != null) {
            recording.markUncacheable();
        }
    }
}
