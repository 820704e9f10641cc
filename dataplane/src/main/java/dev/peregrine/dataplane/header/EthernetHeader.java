package dev.peregrine.dataplane.header;

import dev.peregrine.dataplane.packet.Packet;

/**
 * An Ethernet header without a VLAN tag (IEEE 802.3 clause 3.2).
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                     destination address                       |
 *  +                               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                               |                               |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               +
 *  |                        source address                         |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |           EtherType           |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class EthernetHeader extends HeaderView {
    /** Bytes of the header. */
    public static final int LENGTH = 14;

    /** EtherType of IPv4. */
    public static final int IPV4 = 0x0800;

    /** EtherType of ARP. */
    public static final int ARP = 0x0806;

    /** EtherType of a customer VLAN tag (IEEE 802.1Q). */
    public static final int VLAN = 0x8100;

    /** EtherType of IPv6. */
    public static final int IPV6 = 0x86dd;

    /** EtherType of a service VLAN tag (IEEE 802.1ad). */
    public static final int SERVICE_VLAN = 0x88a8;

    /** The broadcast address. */
    public static final long BROADCAST = 0xffff_ffff_ffffL;

    /** Offset of the destination address. */
    public static final int DESTINATION = 0;

    /** Offset of the source address. */
    public static final int SOURCE = 6;

    /** Offset of the EtherType. */
    public static final int ETHER_TYPE = 12;

    /** The bit of an address that makes it one of a group. */
    public static final long GROUP_BIT = 1L << 40;

    /** Moves the view over the header at {@code index} of the head. */
    public EthernetHeader wrap(Packet packet, int index) {
        moveTo(packet, index);
        return this;
    }

    /** The destination MAC address, 48 bits. */
    public long destination() {
        return getMac(DESTINATION);
    }

    /** Sets the destination MAC address. */
    public EthernetHeader destination(long mac) {
        setMac(DESTINATION, mac);
        return this;
    }

    /** The source MAC address, 48 bits. */
    public long source() {
        return getMac(SOURCE);
    }

    /** Sets the source MAC address. */
    public EthernetHeader source(long mac) {
        setMac(SOURCE, mac);
        return this;
    }

    /** The 16 bits behind the addresses: the EtherType, that of a VLAN tag, or a length below 1536. */
    public int etherType() {
        return getShort(ETHER_TYPE);
    }

    /** Sets the EtherType. */
    public EthernetHeader etherType(int etherType) {
        setShort(ETHER_TYPE, etherType);
        return this;
    }

    /** Whether {@code mac} is a group address: broadcast or multicast. */
    public static boolean isGroup(long mac) {
        return (mac & GROUP_BIT) != 0;
    }

    /** Whether {@code etherType} announces a VLAN tag. */
    public static boolean isVlan(int etherType) {
        return etherType == VLAN || etherType == SERVICE_VLAN;
    }
}
