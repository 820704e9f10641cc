package dev.peregrine.dataplane.header;

import dev.peregrine.dataplane.packet.Packet;

/**
 * Reads what the headers of a dissected IP packet say about fragmentation (RFC 791 section 3.2, RFC 8200 section 4.5).
 */
public final class IpFragment {
    /** Offset in an IPv6 fragment header of offset and more-fragments bit, 16 bits. */
    public static final int IPV6_BITS = 2;

    /** The fragment offset within them, in bytes. */
    public static final int IPV6_OFFSET_MASK = 0xfff8;

    /** The more-fragments bit within them. */
    public static final int IPV6_MORE = 1;

    /** Offset in an IPv6 fragment header of the identification. */
    public static final int IPV6_ID = 4;

    /** Bytes of an IPv6 fragment header. */
    public static final int IPV6_LENGTH = 8;

    private IpFragment() {}

    /**
     * Where the fragment begins in the datagram's payload, in bytes; 0 for a first fragment, for a whole datagram and
     * for what is not IP.
     */
    public static int offset(Packet packet) {
        int network = packet.networkIndex();
        if (Dissector.isIpv4(packet)) {
            int bits = packet.getShort(network + Ipv4Header.FRAGMENT_BITS);
            return (bits & Ipv4Header.FRAGMENT_OFFSET_MASK) << 3;
        }
        int header = fragmentHeader(packet);
        return header < 0 ? 0 : packet.getShort(header + IPV6_BITS) & IPV6_OFFSET_MASK;
    }

    /** Whether other fragments of the datagram's payload follow this one. */
    public static boolean hasMore(Packet packet) {
        if (Dissector.isIpv4(packet)) {
            int bits = packet.getShort(packet.networkIndex() + Ipv4Header.FRAGMENT_BITS);
            return (bits & Ipv4Header.MORE_FRAGMENTS) != 0;
        }
        int header = fragmentHeader(packet);
        return header >= 0 && (packet.getShort(header + IPV6_BITS) & IPV6_MORE) != 0;
    }

    /**
     * Index of the fragment's part of the datagram's payload, behind the IPv4 header or the IPv6 fragment header.
     * Negative where there is no such header, or where it or what {@link Dissector#ipEnd} says contradicts the head.
     */
    public static int dataIndex(Packet packet) {
        int end = Dissector.ipEnd(packet);
        int network = packet.networkIndex();
        int data;
        if (Dissector.isIpv4(packet)) {
            int headerLength = Ipv4Header.headerLength(packet.getByte(network));
            data = headerLength < Ipv4Header.LENGTH ? -1 : network + headerLength;
        } else {
            int header = fragmentHeader(packet);
            data = header < 0 ? -1 : header + IPV6_LENGTH;
        }
        return data <= end && end <= packet.headLength() ? data : -1;
    }

    /** The identification that the fragments of a datagram share; 0 where there is none. */
    public static int id(Packet packet) {
        if (Dissector.isIpv4(packet)) {
            return packet.getShort(packet.networkIndex() + Ipv4Header.ID);
        }
        int header = fragmentHeader(packet);
        return header < 0 ? 0 : packet.getInt(header + IPV6_ID);
    }

    /** The protocol that a fragment's header names: the same in all fragments of a datagram; 0 where there is none. */
    public static int protocol(Packet packet) {
        if (Dissector.isIpv4(packet)) {
            return packet.getByte(packet.networkIndex() + Ipv4Header.PROTOCOL);
        }
        int header = fragmentHeader(packet);
        return header < 0 ? 0 : packet.getByte(header);
    }

    private static int fragmentHeader(Packet packet) {
        if (!Dissector.isIpv6(packet)) {
            return -1;
        }
        int limit = Math.min(Dissector.ipEnd(packet), packet.headLength());
        return Ipv6Chain.fragmentHeader(packet, packet.networkIndex(), limit);
    }
}
