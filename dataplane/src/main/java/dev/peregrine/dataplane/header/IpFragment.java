package dev.peregrine.dataplane.header;

import dev.peregrine.dataplane.packet.Packet;

/** The fragmentation that the headers of a dissected IP packet tell of (RFC 791 section 3.2, RFC 8200 section 4.5). */
public final class IpFragment {
    private static final int IPV6_BITS = 2;
    private static final int IPV6_OFFSET_MASK = 0xfff8;
    private static final int IPV6_ID = 4;

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
