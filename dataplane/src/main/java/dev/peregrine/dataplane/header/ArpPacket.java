package dev.peregrine.dataplane.header;

import dev.peregrine.dataplane.packet.Packet;

/**
 * An ARP packet for IPv4 over Ethernet (RFC 826).
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |       hardware type = 1       |    protocol type = 0x0800     |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |  length = 6   |  length = 4   |           operation           |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                      sender MAC address                       |
 *  +                               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                               |      sender IPv4 address ...  |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |  ... sender IPv4 address      |                               |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               +
 *  |                      target MAC address                       |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                      target IPv4 address                      |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class ArpPacket extends HeaderView {
    /** Bytes of the packet. */
    public static final int LENGTH = 28;

    /** Operation: who has the target address? */
    public static final int REQUEST = 1;

    /** Operation: the sender has it. */
    public static final int REPLY = 2;

    static final long ETHERNET_IPV4 = 0x0001_0800_0604L;

    private static final int TYPES = 0;

    /** Offset of the operation. */
    public static final int OPERATION = 6;

    /** Offset of the sender's MAC address. */
    public static final int SENDER_MAC = 8;

    /** Offset of the sender's IPv4 address. */
    public static final int SENDER_IP = 14;

    private static final int TARGET_MAC = 18;

    /** Offset of the target's IPv4 address. */
    public static final int TARGET_IP = 24;

    /** Moves the view over the packet at {@code index} of the head. */
    public ArpPacket wrap(Packet packet, int index) {
        moveTo(packet, index);
        return this;
    }

    /** Whether types and lengths are those of IPv4 over Ethernet. */
    public boolean isEthernetIpv4() {
        return getLong(TYPES) >>> 16 == ETHERNET_IPV4;
    }

    /** Sets types and lengths to those of IPv4 over Ethernet, and the operation. */
    public ArpPacket ethernetIpv4(int operation) {
        setLong(TYPES, (ETHERNET_IPV4 << 16) | operation);
        return this;
    }

    /** {@link #REQUEST}, {@link #REPLY}, or what else was sent. */
    public int operation() {
        return getShort(OPERATION);
    }

    /** Sets the operation. */
    public ArpPacket operation(int operation) {
        setShort(OPERATION, operation);
        return this;
    }

    /** The sender's MAC address. */
    public long senderMac() {
        return getMac(SENDER_MAC);
    }

    /** The sender's IPv4 address. */
    public int senderIp() {
        return getInt(SENDER_IP);
    }

    /** Sets the sender's addresses. */
    public ArpPacket sender(long mac, int address) {
        setMac(SENDER_MAC, mac);
        setInt(SENDER_IP, address);
        return this;
    }

    /** The target's MAC address; without meaning in a request. */
    public long targetMac() {
        return getMac(TARGET_MAC);
    }

    /** The target's IPv4 address. */
    public int targetIp() {
        return getInt(TARGET_IP);
    }

    /** Sets the target's addresses. */
    public ArpPacket target(long mac, int address) {
        setMac(TARGET_MAC, mac);
        setInt(TARGET_IP, address);
        return this;
    }
}
