package dev.peregrine.dataplane.policy.conntrack;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.IcmpHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.packet.Packet;

/**
 * The meaning of an ICMP or ICMPv6 message to a flow (RFC 792, RFC 4443). Owned by one worker; holds the last message
 * that it read.
 *
 * <pre>
 *  0      1      2          4              8
 *  +------+------+----------+--------------+------------------------------
 *  | type | code | checksum | id, sequence |  an error quotes the IP packet
 *  +------+------+----------+--------------+------------------------------
 * </pre>
 */
final class IcmpReader {
    /** The kind of the message. */
    enum Kind {
        /** Echo request or reply. */
        ECHO,
        /** An error about a packet that it quotes. */
        ERROR,
        /** Any other. */
        OTHER
    }

    /** A router quotes at least so much of what follows the IP header: ports, or the identifier of an echo. */
    private static final int QUOTED_TRANSPORT = 8;

    private boolean isRequest;
    private int ports;
    private int quotedNetwork;
    private int quotedProtocol;

    /** Reads a dissected ICMP or ICMPv6 packet. */
    Kind read(Packet packet) {
        int icmp = packet.transportIndex();
        int type = packet.getByte(icmp);
        boolean isIcmpv6 = packet.protocol() == IpProtocol.ICMPV6;
        if (IcmpHeader.isEcho(type, isIcmpv6)) {
            isRequest = type == (isIcmpv6 ? IcmpHeader.ECHO_REQUEST_V6 : IcmpHeader.ECHO_REQUEST);
            ports = echoPorts(packet, icmp);
            return Kind.ECHO;
        }
        boolean isError = isIcmpv6
                ? type >= IcmpHeader.UNREACHABLE_V6 && type <= IcmpHeader.PARAMETER_PROBLEM_V6
                : type == IcmpHeader.UNREACHABLE
                        || type == IcmpHeader.TIME_EXCEEDED
                        || type == IcmpHeader.PARAMETER_PROBLEM;
        return isError ? Kind.ERROR : Kind.OTHER;
    }

    /** Whether the echo message is a request. */
    boolean isRequest() {
        return isRequest;
    }

    /** Source and destination port, or the identifier as both, of the echo message or the quoted packet. */
    int ports() {
        return ports;
    }

    /** Index of the IP header that the error quotes. */
    int quotedNetwork() {
        return quotedNetwork;
    }

    /** Transport protocol of the quoted packet. */
    int quotedProtocol() {
        return quotedProtocol;
    }

    /**
     * Reads the packet that an error quotes; false when it identifies no flow, or the error does not go to the source
     * of the quoted packet.
     */
    boolean readQuoted(Packet packet) {
        quotedNetwork = packet.transportIndex() + IcmpHeader.LENGTH;
        int end = Math.min(Dissector.ipEnd(packet), packet.headLength());
        boolean isIpv4 = Dissector.isIpv4(packet);
        if (quotedNetwork + (isIpv4 ? Ipv4Header.LENGTH : Ipv6Header.LENGTH) > end) {
            return false;
        }
        int transport = isIpv4 ? quotedIpv4(packet) : quotedIpv6(packet);
        if (transport < 0 || transport + QUOTED_TRANSPORT > end) {
            return false;
        }
        switch (quotedProtocol) {
            case IpProtocol.TCP, IpProtocol.UDP -> ports = packet.getInt(transport);
            case IpProtocol.ICMP, IpProtocol.ICMPV6 -> {
                ports = echoPorts(packet, transport);
                return IcmpHeader.isEcho(packet.getByte(transport), quotedProtocol == IpProtocol.ICMPV6);
            }
            default -> ports = 0;
        }
        return true;
    }

    private int quotedIpv4(Packet packet) {
        int first = packet.getByte(quotedNetwork);
        boolean matches = first >>> 4 == 4
                && (packet.getShort(quotedNetwork + Ipv4Header.FRAGMENT_BITS) & Ipv4Header.FRAGMENT_OFFSET_MASK) == 0
                && packet.getInt(quotedNetwork + Ipv4Header.SOURCE)
                        == packet.getInt(packet.networkIndex() + Ipv4Header.DESTINATION);
        int headerLength = Ipv4Header.headerLength(first);
        quotedProtocol = packet.getByte(quotedNetwork + Ipv4Header.PROTOCOL);
        return matches && headerLength >= Ipv4Header.LENGTH ? quotedNetwork + headerLength : -1;
    }

    private int quotedIpv6(Packet packet) {
        int destination = packet.networkIndex() + Ipv6Header.DESTINATION;
        int source = quotedNetwork + Ipv6Header.SOURCE;
        boolean matches = packet.getByte(quotedNetwork) >>> 4 == 6
                && packet.getLong(source) == packet.getLong(destination)
                && packet.getLong(source + Long.BYTES) == packet.getLong(destination + Long.BYTES);
        quotedProtocol = packet.getByte(quotedNetwork + Ipv6Header.NEXT_HEADER);
        return matches ? quotedNetwork + Ipv6Header.LENGTH : -1;
    }

    private static int echoPorts(Packet packet, int icmp) {
        int id = packet.getShort(icmp + IcmpHeader.ID);
        return id << 16 | id;
    }
}
