package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IcmpHeader;
import dev.peregrine.dataplane.header.IpFragment;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.linux.sys.MappedAddress;
import dev.peregrine.dataplane.packet.Packet;

/**
 * Reads ICMP "fragmentation needed" (RFC 1191 section 4) and ICMPv6 "packet too big" (RFC 4443 section 3.2) about
 * replies of a socket port, whole ones or first fragments. Holds the last message that it read.
 *
 * <pre>
 *  0      1      2          4          6      8
 *  +------+------+----------+----------+------+-------------------------------------
 *  | type | code | checksum | 0 in IPv4|  IcmpHeader.MTU_V4 |  the IP packet, its first 8 bytes at least
 *  +------+------+----------+----------+------+-------------------------------------
 * </pre>
 */
final class TooBigReader {
    private static final int PORTS_LENGTH = 4;

    /** Less is not believed: as Linux has it ({@code min_pmtu}), and RFC 8200 section 5. */
    private static final int LEAST = 552;

    private static final int LEAST_V6 = 1280;

    private final OwnAddress own;
    private final int quoted;
    private final Ipv4Header ipv4 = new Ipv4Header();
    private final Ipv6Header ipv6 = new Ipv6Header();
    private long addressHigh;
    private long addressLow;
    private int ports;
    private int mtu;

    TooBigReader(OwnAddress own) {
        this.own = own;
        quoted = EthernetHeader.LENGTH + (own.ipv6 ? Ipv6Header.LENGTH : Ipv4Header.LENGTH) + IcmpHeader.LENGTH;
    }

    /** Whether a dissected packet for this address, without IP options, says that a reply of its port was too long. */
    boolean isTold(Packet packet) {
        int icmp = quoted - IcmpHeader.LENGTH;
        int header = own.ipv6 ? Ipv6Header.LENGTH : Ipv4Header.LENGTH;
        if (packet.protocol() != (own.ipv6 ? IpProtocol.ICMPV6 : IpProtocol.ICMP)
                || packet.transportIndex() != icmp
                || packet.getShort(icmp) != (own.ipv6 ? IcmpHeader.PACKET_TOO_BIG : IcmpHeader.FRAGMENTATION_NEEDED)
                || quoted + header + PORTS_LENGTH > Dissector.ipEnd(packet)) {
            return false;
        }
        boolean isOurs = own.ipv6 ? readIpv6(packet, icmp) : readIpv4(packet, icmp);
        return isOurs && ports >>> 16 == own.port;
    }

    /** The remote of the reply, as in {@link Remote}. */
    long addressHigh() {
        return addressHigh;
    }

    long addressLow() {
        return addressLow;
    }

    int port() {
        return ports & 0xffff;
    }

    /** Bytes of the longest IP packet that passes, not less than any path carries. */
    int mtu() {
        return mtu;
    }

    private boolean readIpv4(Packet packet, int icmp) {
        ipv4.wrap(packet, quoted);
        addressHigh = 0;
        addressLow = MappedAddress.low(ipv4.destination());
        ports = packet.getInt(quoted + Ipv4Header.LENGTH);
        mtu = Math.max(LEAST, packet.getShort(icmp + IcmpHeader.MTU_V4));
        return ipv4.version() == 4
                && ipv4.headerLength() == Ipv4Header.LENGTH
                && ipv4.protocol() == IpProtocol.UDP
                && ipv4.source() == own.ipv4()
                && (ipv4.fragmentBits() & Ipv4Header.FRAGMENT_OFFSET_MASK) == 0;
    }

    private boolean readIpv6(Packet packet, int icmp) {
        ipv6.wrap(packet, quoted);
        int transport = quoted + Ipv6Header.LENGTH;
        int protocol = ipv6.nextHeader();
        if (protocol == IpProtocol.FRAGMENT
                && (packet.getShort(transport + IpFragment.IPV6_BITS) & IpFragment.IPV6_OFFSET_MASK) == 0) {
            protocol = packet.getByte(transport);
            transport += IpFragment.IPV6_LENGTH;
        }
        if (transport + PORTS_LENGTH > Dissector.ipEnd(packet)) {
            return false;
        }
        addressHigh = ipv6.destinationHigh();
        addressLow = ipv6.destinationLow();
        ports = packet.getInt(transport);
        mtu = Math.max(LEAST_V6, (int)
                Math.min(Short.MAX_VALUE * 2L, packet.getInt(icmp + IcmpHeader.MTU) & 0xffff_ffffL));
        return ipv6.version() == 6
                && protocol == IpProtocol.UDP
                && ipv6.sourceHigh() == own.high
                && ipv6.sourceLow() == own.low;
    }
}
