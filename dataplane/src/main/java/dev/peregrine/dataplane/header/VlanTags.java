package dev.peregrine.dataplane.header;

import dev.peregrine.dataplane.packet.Packet;

/**
 * The VLAN tags of an Ethernet frame (IEEE 802.1Q clause 9), read from its bytes. Of a stack, the first two are tags,
 * and a third is the content of an unknown EtherType.
 *
 * <pre>
 *   | destination (6) | source (6) | 81 00 or 88 a8 | PCP (3 bits) DEI (1) VID (12) | ... | EtherType (2) |
 * </pre>
 */
public final class VlanTags {
    /** Bytes of a tag. */
    public static final int LENGTH = 4;

    /** The most tags of a frame. */
    public static final int MAX = 2;

    /** Offset of PCP, DEI and VID behind the EtherType that announces a tag. */
    static final int CONTROL = 2;

    /** The VID within them. */
    static final int ID_MASK = 0xfff;

    private static final int ID_BITS = 12;
    private static final long ONE_TAG = 1L << 24;
    private static final long TWO_TAGS = 2L << 24;

    private VlanTags() {}

    /**
     * Index of the EtherType behind the tags of the frame at {@code frame}; past the head where the last is cut off.
     */
    public static int typeIndex(Packet packet, int frame) {
        int at = frame + EthernetHeader.ETHER_TYPE;
        for (int tags = 0; tags < MAX && EthernetHeader.isVlan(type(packet, at)); tags++) {
            at += LENGTH;
        }
        return at;
    }

    /** The EtherType at {@code index}; 0 past the head. */
    public static int type(Packet packet, int index) {
        return index + Short.BYTES <= packet.headLength() ? packet.getShort(index) : 0;
    }

    /** Bytes that the tags of the frame at {@code frame} take; a cut off one counts whole. */
    public static int bytes(Packet packet, int frame) {
        boolean isTagged = EthernetHeader.isVlan(packet.getShort(frame + EthernetHeader.ETHER_TYPE));
        return isTagged ? typeIndex(packet, frame) - frame - EthernetHeader.ETHER_TYPE : 0;
    }

    /** A number for the VIDs of the tags of a dissected frame at the beginning of the head; 0 without tags. */
    public static long ids(Packet packet) {
        int last = packet.networkIndex() - Short.BYTES - LENGTH;
        if (last < EthernetHeader.ETHER_TYPE) {
            return 0;
        }
        long first = id(packet, EthernetHeader.ETHER_TYPE);
        return last == EthernetHeader.ETHER_TYPE ? first | ONE_TAG : first << ID_BITS | id(packet, last) | TWO_TAGS;
    }

    /** The VID of the tag that is announced at {@code index}. */
    static int id(Packet packet, int index) {
        return packet.getShort(index + CONTROL) & ID_MASK;
    }
}
