package dev.peregrine.dataplane.policy.match;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IcmpHeader;
import dev.peregrine.dataplane.header.IpFragment;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.header.VlanTags;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.packet.Packet;

/**
 * The fields of one frame that rules look at, read once per packet or superframe and stage. Belongs to one worker.
 *
 * <p>The fields that distinguish flows are also kept as words, for hashing under masks; both ports are in one:
 *
 * <pre>
 *          63                32 31                 0
 *         +--------------------+--------------------+
 *   ends  |    source port     |  destination port  |
 *         +--------------------+--------------------+
 * </pre>
 */
public final class FrameFields {
    int family;
    int protocol;
    long sourceMac;
    long destinationMac;
    long sourceHigh;
    long sourceLow;
    long destinationHigh;
    long destinationLow;
    boolean hasPorts;
    boolean hasIcmp;
    long ends;
    int icmpType;
    int icmpCode;
    int tcpFlags;

    /**
     * Reads a dissected frame whose head begins with its Ethernet header.
     *
     * @return false when rules could be deceived about it: a malformed or cut off IP or transport header, a TCP
     *     fragment that overlaps the header (RFC 1858, RFC 3128), or too many VLAN tags
     */
    public boolean read(Packet packet) {
        destinationMac = packet.getMac(EthernetHeader.DESTINATION);
        sourceMac = packet.getMac(EthernetHeader.SOURCE);
        hasPorts = false;
        hasIcmp = false;
        ends = 0;
        int network = packet.networkIndex();
        int etherType = packet.getShort(EthernetHeader.ETHER_TYPE);
        if (EthernetHeader.isVlan(etherType)) {
            int type = VlanTags.typeIndex(packet, 0);
            if (type + Short.BYTES > packet.headLength()) {
                return unread(EthernetHeader.VLAN);
            }
            etherType = packet.getShort(type);
        }
        if (etherType == EthernetHeader.IPV4 && network >= 0) {
            return readIpv4(packet, network);
        }
        if (etherType == EthernetHeader.IPV6 && network >= 0) {
            return readIpv6(packet, network);
        }
        return unread(etherType);
    }

    /** Notes a frame without a readable IP header; false where there should be one, or may be, behind tags. */
    private boolean unread(int etherType) {
        family = 0;
        sourceHigh = sourceLow = destinationHigh = destinationLow = 0;
        protocol = etherType == EthernetHeader.ARP ? Match.ARP : Match.OTHER;
        return etherType != EthernetHeader.IPV4
                && etherType != EthernetHeader.IPV6
                && !EthernetHeader.isVlan(etherType);
    }

    /** The last 32 bits of the source address in the upper half, those of the destination address in the lower one. */
    long hosts() {
        return family == 4 ? sourceHigh | destinationHigh >>> 32 : (sourceLow << 32) | (destinationLow & 0xffff_ffffL);
    }

    /**
     * Makes these the fields of a frame that is only described; no ports, ICMP and flags until they are given.
     *
     * @param kind protocol as {@link Match} counts
     * @param from source address of 4 or 16 bytes, empty for what is not IP
     * @param to destination address of the same family
     */
    public FrameFields describe(int kind, byte[] from, byte[] to, long fromMac, long toMac) {
        family = from.length == 0 ? 0 : from.length == 4 ? 4 : 6;
        protocol = kind;
        Network source = from.length == 0 ? new Network(4, 0, 0, 0) : Network.of(from, from.length * Byte.SIZE);
        Network destination = to.length == 0 ? new Network(4, 0, 0, 0) : Network.of(to, to.length * Byte.SIZE);
        sourceHigh = source.high();
        sourceLow = source.low();
        destinationHigh = destination.high();
        destinationLow = destination.low();
        sourceMac = fromMac;
        destinationMac = toMac;
        hasPorts = false;
        hasIcmp = false;
        ends = 0;
        return this;
    }

    /** Gives a described TCP segment or UDP datagram its ports and flags. */
    public FrameFields describePorts(int from, int to, int flags) {
        hasPorts = true;
        ends = ((long) from << 32) | to;
        tcpFlags = flags;
        return this;
    }

    /** Gives a described ICMP or ICMPv6 message its type and code. */
    public FrameFields describeIcmp(int type, int code) {
        hasIcmp = true;
        icmpType = type;
        icmpCode = code;
        return this;
    }

    /** Takes over all fields of another frame. */
    public void copyFrom(FrameFields other) {
        family = other.family;
        protocol = other.protocol;
        sourceMac = other.sourceMac;
        destinationMac = other.destinationMac;
        sourceHigh = other.sourceHigh;
        sourceLow = other.sourceLow;
        destinationHigh = other.destinationHigh;
        destinationLow = other.destinationLow;
        hasPorts = other.hasPorts;
        hasIcmp = other.hasIcmp;
        ends = other.ends;
        icmpType = other.icmpType;
        icmpCode = other.icmpCode;
        tcpFlags = other.tcpFlags;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(protocol == Match.ARP ? "arp" : protocol == Match.OTHER ? "other" : IpProtocol.name(protocol));
        text.append(" from ").append(AddressText.mac(sourceMac));
        text.append(" to ").append(AddressText.mac(destinationMac));
        if (family != 0) {
            text.append(", ").append(address(sourceHigh, sourceLow));
            text.append(" to ").append(address(destinationHigh, destinationLow));
        }
        if (hasPorts) {
            text.append(", ports ").append(sourcePort()).append(" to ").append(destinationPort());
        }
        if (hasIcmp) {
            text.append(", type ").append(icmpType).append(" code ").append(icmpCode);
        }
        return text.toString();
    }

    private String address(long high, long low) {
        if (family == 4) {
            return (high >>> 56) + "." + (high >>> 48 & 0xff) + "." + (high >>> 40 & 0xff) + "." + (high >>> 32 & 0xff);
        }
        return AddressText.ipv6(high, low);
    }

    private boolean readIpv4(Packet packet, int network) {
        family = 4;
        long addresses = packet.getLong(network + Ipv4Header.SOURCE);
        sourceHigh = addresses & 0xffff_ffff_0000_0000L;
        destinationHigh = addresses << 32;
        sourceLow = 0;
        destinationLow = 0;
        protocol = packet.getByte(network + Ipv4Header.PROTOCOL);
        int fragmentOffset =
                (packet.getShort(network + Ipv4Header.FRAGMENT_BITS) & Ipv4Header.FRAGMENT_OFFSET_MASK) << 3;
        if (fragmentOffset > 0) {
            return protocol != IpProtocol.TCP || fragmentOffset >= TcpHeader.LENGTH;
        }
        return readTransport(packet);
    }

    private boolean readIpv6(Packet packet, int network) {
        family = 6;
        sourceHigh = packet.getLong(network + Ipv6Header.SOURCE);
        sourceLow = packet.getLong(network + Ipv6Header.SOURCE_LOW);
        destinationHigh = packet.getLong(network + Ipv6Header.DESTINATION);
        destinationLow = packet.getLong(network + Ipv6Header.DESTINATION_LOW);
        protocol = packet.protocol();
        if (protocol != 0) {
            return readTransport(packet);
        }
        protocol = Dissector.ipProtocol(packet);
        int fragmentOffset = IpFragment.offset(packet);
        if (fragmentOffset > 0) {
            return protocol != IpProtocol.TCP || fragmentOffset >= TcpHeader.LENGTH;
        }
        return protocol == IpProtocol.NO_NEXT_HEADER;
    }

    /** Reads the header above IP; false when there should be one that rules can ask for, and it cannot be seen. */
    private boolean readTransport(Packet packet) {
        int transport = packet.transportIndex();
        if (transport < 0) {
            return false;
        }
        switch (protocol) {
            case IpProtocol.TCP -> {
                ports(packet.getInt(transport));
                tcpFlags = packet.getByte(transport + TcpHeader.FLAGS);
            }
            case IpProtocol.UDP -> ports(packet.getInt(transport));
            case IpProtocol.ICMP, IpProtocol.ICMPV6 -> {
                hasIcmp = true;
                icmpType = packet.getByte(transport);
                icmpCode = packet.getByte(transport + IcmpHeader.CODE);
            }
            default -> {}
        }
        return true;
    }

    /** Gives a later fragment the first bytes of the transport header that its first fragment has. */
    public void transport(int first) {
        switch (protocol) {
            case IpProtocol.TCP, IpProtocol.UDP -> ports(first);
            case IpProtocol.ICMP, IpProtocol.ICMPV6 -> describeIcmp(first >>> 24, first >>> 16 & 0xff);
            default -> {}
        }
    }

    private void ports(int ports) {
        hasPorts = true;
        ends = ((long) (ports >>> 16) << 32) | (ports & 0xffff);
    }

    /** Source port of TCP or UDP; 0 when there is none. */
    int sourcePort() {
        return (int) (ends >>> 32);
    }

    /** Destination port of TCP or UDP; 0 when there is none. */
    int destinationPort() {
        return (int) ends;
    }
}
