package dev.peregrine.dataplane.device.bridge;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IcmpHeader;
import dev.peregrine.dataplane.header.InternetChecksum;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.NeighbourDiscovery;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.Packet;
import java.lang.foreign.MemorySegment;

/**
 * Turns a frame that is too long into the error message to its sender: ICMP "fragmentation needed" (RFC 792, with the
 * MTU of RFC 1191 section 4) or ICMPv6 "packet too big" (RFC 4443 section 3.2).
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |   type 3 / 2  |   code 4 / 0  |           checksum            |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |  0 in IPv4, upper half in v6  |              MTU              |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |        the packet that was too big, as much of it as fits     |
 * </pre>
 *
 * <p>A bridge has no address of its own. So the message comes, as the Linux kernel's does, from the address that the
 * frame was sent to, MAC and IP: the sender knows it, and its filters accept it.
 *
 * <p>The reply is shorter than the frame and is written over it, in the head alone; it needs no headroom.
 */
final class TooBigReply {
    private static final int TTL = 64;

    /** Precedence 6, internetwork control (RFC 1812 section 4.3.2.5). */
    private static final int TOS = 0xc0;

    private static final int LONGEST_V4 = 576;
    private static final int LONGEST_V6 = 1280;
    private static final int ADDED_V4 = Ipv4Header.LENGTH + IcmpHeader.LENGTH;
    private static final int ADDED_V6 = Ipv6Header.LENGTH + IcmpHeader.LENGTH;

    private final EthernetHeader ethernet = new EthernetHeader();
    private final Ipv4Header ipv4 = new Ipv4Header();
    private final Ipv6Header ipv6 = new Ipv6Header();

    /**
     * Whether the sender of a dissected frame that is longer than {@code mtu} must get a reply. No ICMP error answers
     * an ICMP error, a later fragment, or anything that went to or came from more than one host (RFC 1122 section
     * 3.2.2, RFC 4443 section 2.4).
     */
    boolean isDue(Packet packet, int mtu) {
        int network = packet.networkIndex();
        if (packet.protocol() == 0 || network < 0 || !Fdb.isUnicast(packet.getMac(EthernetHeader.DESTINATION))) {
            return false;
        }
        if (!packet.isSuperframe() && Dissector.ipEnd(packet) - network <= mtu) {
            return false; // only bytes behind the IP packet do not fit
        }
        return Dissector.isIpv4(packet)
                ? isDue(ipv4.wrap(packet, network), packet)
                : mtu >= LONGEST_V6 && isDue(ipv6.wrap(packet, network), packet);
    }

    private static boolean isDue(Ipv4Header ip, Packet packet) {
        boolean error = packet.protocol() == IpProtocol.ICMP
                && switch (packet.getByte(packet.transportIndex())) {
                    case IcmpHeader.UNREACHABLE,
                            IcmpHeader.SOURCE_QUENCH,
                            IcmpHeader.REDIRECT,
                            IcmpHeader.TIME_EXCEEDED,
                            IcmpHeader.PARAMETER_PROBLEM -> true;
                    default -> false;
                };
        return !error && isHost(ip.source()) && isHost(ip.destination());
    }

    /**
     * Whether an address is not from 0.0.0.0/8, 127.0.0.0/8, or multicast, reserved and broadcast from 224.0.0.0 up.
     */
    private static boolean isHost(int address) {
        int first = address >>> 24;
        return first > 0 && first < 224 && first != 127;
    }

    private static boolean isDue(Ipv6Header ip, Packet packet) {
        boolean error = packet.protocol() == IpProtocol.ICMPV6 && isError(packet.getByte(packet.transportIndex()));
        return !error && isHost(ip.sourceHigh(), ip.sourceLow()) && isHost(ip.destinationHigh(), ip.destinationLow());
    }

    /** Whether an ICMPv6 message is an error, or a redirect, which counts as one here (RFC 4443 section 2.4). */
    private static boolean isError(int type) {
        return type < IcmpHeader.ECHO_REQUEST_V6 || type == NeighbourDiscovery.REDIRECT;
    }

    /** Whether an address is not unspecified, loopback or multicast. */
    private static boolean isHost(long high, long low) {
        return high >>> 56 != 0xff && (high != 0 || low >>> 1 != 0);
    }

    /** Turns a frame for which a reply {@link #isDue} into that reply; the ports stay as they are. */
    void write(Packet packet, int mtu) {
        int network = packet.networkIndex();
        int length = packet.isSuperframe() ? packet.headLength() - network : Dissector.ipEnd(packet) - network;
        ethernet.wrap(packet, 0);
        long sender = ethernet.source();
        ethernet.source(ethernet.destination()).destination(sender);
        if (Dissector.isIpv4(packet)) {
            writeIpv4(packet, network, length, mtu);
        } else {
            writeIpv6(packet, network, length, mtu);
        }
        packet.checksum(Checksum.VERIFIED);
    }

    private void writeIpv4(Packet packet, int network, int length, int mtu) {
        ipv4.wrap(packet, network);
        int source = ipv4.destination();
        int destination = ipv4.source();
        if (packet.isSuperframe()) {
            ipv4.totalLength(length).fillChecksum();
        }
        int quoted = quote(packet, network, ADDED_V4, Math.min(length, LONGEST_V4 - ADDED_V4));
        ipv4.versionAndLength()
                .tos(TOS)
                .totalLength(ADDED_V4 + quoted)
                .id(0)
                .fragmentBits(Ipv4Header.DONT_FRAGMENT)
                .ttl(TTL)
                .protocol(IpProtocol.ICMP)
                .source(source)
                .destination(destination)
                .fillChecksum();
        int icmp = network + Ipv4Header.LENGTH;
        packet.setInt(icmp, IcmpHeader.FRAGMENTATION_NEEDED << 16);
        packet.setInt(icmp + IcmpHeader.MTU, mtu);
        long sum = InternetChecksum.sum(packet.memory(), packet.offset() + icmp, IcmpHeader.LENGTH + quoted);
        packet.setShort(icmp + IcmpHeader.CHECKSUM, InternetChecksum.complement(sum));
        Dissector.dissect(packet, 0);
    }

    private void writeIpv6(Packet packet, int network, int length, int mtu) {
        ipv6.wrap(packet, network);
        long sourceHigh = ipv6.destinationHigh();
        long sourceLow = ipv6.destinationLow();
        long destinationHigh = ipv6.sourceHigh();
        long destinationLow = ipv6.sourceLow();
        if (packet.isSuperframe()) {
            ipv6.payloadLength(length - Ipv6Header.LENGTH);
        }
        int quoted = quote(packet, network, ADDED_V6, Math.min(length, LONGEST_V6 - ADDED_V6));
        ipv6.versionAndTrafficClass(0)
                .payloadLength(IcmpHeader.LENGTH + quoted)
                .nextHeader(IpProtocol.ICMPV6)
                .hopLimit(TTL)
                .source(sourceHigh, sourceLow)
                .destination(destinationHigh, destinationLow);
        int icmp = network + Ipv6Header.LENGTH;
        packet.setInt(icmp, IcmpHeader.PACKET_TOO_BIG << 16);
        packet.setInt(icmp + IcmpHeader.MTU, mtu);
        Dissector.dissect(packet, 0);
        long pseudo = InternetChecksum.pseudoHeader6(
                packet.memory(), packet.offset() + network, IpProtocol.ICMPV6, IcmpHeader.LENGTH + quoted);
        long sum = InternetChecksum.sum(packet.memory(), packet.offset() + icmp, IcmpHeader.LENGTH + quoted);
        packet.setShort(icmp + IcmpHeader.CHECKSUM, InternetChecksum.complement(pseudo + sum));
    }

    /** Moves the packet behind the headers of the reply, cut to {@code wanted} bytes and to the head. */
    private static int quote(Packet packet, int network, int added, int wanted) {
        int quoted = Math.min(wanted, packet.headLength() - network - added);
        packet.slices(0, 0, 0, 0, 0);
        long from = packet.offset() + network;
        MemorySegment.copy(packet.memory(), from, packet.memory(), from + added, quoted);
        packet.trim(network + added + quoted);
        return quoted;
    }
}
