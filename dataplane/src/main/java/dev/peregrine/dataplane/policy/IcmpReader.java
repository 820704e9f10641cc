package dev.peregrine.dataplane.policy;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.IpProtocol;
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

    private static final int ECHO_REPLY = 0;
    private static final int DESTINATION_UNREACHABLE = 3;
    private static final int ECHO_REQUEST = 8;
    private static final int TIME_EXCEEDED = 11;
    private static final int PARAMETER_PROBLEM = 12;

    private static final int DESTINATION_UNREACHABLE_6 = 1;
    private static final int PARAMETER_PROBLEM_6 = 4;
    private static final int ECHO_REQUEST_6 = 128;
    private static final int ECHO_REPLY_6 = 129;

    private static final int ID = 4;
    private static final int QUOTED = 8;

    /** A router quotes at least this many bytes behind the IP header: ports, or the identifier of an echo. */
    private static final int QUOTED_TRANSPORT = 8;

    private static final int IPV4_LENGTH = 20;
    private static final int IPV4_FRAGMENT = 6;
    private static final int IPV4_OFFSET_MASK = 0x1fff;
    private static final int IPV4_PROTOCOL = 9;
    private static final int IPV4_SOURCE = 12;
    private static final int IPV4_DESTINATION = 16;
    private static final int IPV6_LENGTH = 40;
    private static final int IPV6_NEXT_HEADER = 6;
    private static final int IPV6_SOURCE = 8;
    private static final int IPV6_DESTINATION = 24;

    private boolean isRequest;
    private int ports;
    private int quotedNetwork;
    private int quotedProtocol;

    /** Reads a dissected ICMP or ICMPv6 packet. */
    Kind read(Packet packet) {
        int icmp = packet.transportIndex();
        int type = packet.getByte(icmp);
        boolean isIcmpv6 = packet.protocol() == IpProtocol.ICMPV6;
        if (isEcho(type, isIcmpv6)) {
            isRequest = type == (isIcmpv6 ? ECHO_REQUEST_6 : ECHO_REQUEST);
            ports = echoPorts(packet, icmp);
            return Kind.ECHO;
        }
        boolean isError = isIcmpv6
                ? type >= DESTINATION_UNREACHABLE_6 && type <= PARAMETER_PROBLEM_6
                : type == DESTINATION_UNREACHABLE || type == TIME_EXCEEDED || type == PARAMETER_PROBLEM;
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
        quotedNetwork = packet.transportIndex() + QUOTED;
        int end = Math.min(Dissector.ipEnd(packet), packet.headLength());
        boolean isIpv4 = Dissector.isIpv4(packet);
        if (quotedNetwork + (isIpv4 ? IPV4_LENGTH : IPV6_LENGTH) > end) {
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
                return isEcho(packet.getByte(transport), quotedProtocol == IpProtocol.ICMPV6);
            }
            default -> ports = 0;
        }
        return true;
    }

    private int quotedIpv4(Packet packet) {
        int first = packet.getByte(quotedNetwork);
        boolean matches = first >>> 4 == 4
                && (packet.getShort(quotedNetwork + IPV4_FRAGMENT) & IPV4_OFFSET_MASK) == 0
                && packet.getInt(quotedNetwork + IPV4_SOURCE)
                        == packet.getInt(packet.networkIndex() + IPV4_DESTINATION);
        int headerLength = (first & 0xf) << 2;
        quotedProtocol = packet.getByte(quotedNetwork + IPV4_PROTOCOL);
        return matches && headerLength >= IPV4_LENGTH ? quotedNetwork + headerLength : -1;
    }

    private int quotedIpv6(Packet packet) {
        int destination = packet.networkIndex() + IPV6_DESTINATION;
        int source = quotedNetwork + IPV6_SOURCE;
        boolean matches = packet.getByte(quotedNetwork) >>> 4 == 6
                && packet.getLong(source) == packet.getLong(destination)
                && packet.getLong(source + 8) == packet.getLong(destination + 8);
        quotedProtocol = packet.getByte(quotedNetwork + IPV6_NEXT_HEADER);
        return matches ? quotedNetwork + IPV6_LENGTH : -1;
    }

    private static boolean isEcho(int type, boolean isIcmpv6) {
        return isIcmpv6 ? type == ECHO_REQUEST_6 || type == ECHO_REPLY_6 : type == ECHO_REQUEST || type == ECHO_REPLY;
    }

    private static int echoPorts(Packet packet, int icmp) {
        int id = packet.getShort(icmp + ID);
        return id << 16 | id;
    }
}
