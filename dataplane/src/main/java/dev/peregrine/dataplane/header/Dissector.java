package dev.peregrine.dataplane.header;

import dev.peregrine.dataplane.packet.Packet;

/**
 * Finds the headers of an inner frame and computes its flow hash, once per packet; every later stage reads the result
 * from the {@link Packet}.
 */
public final class Dissector {
    private Dissector() {}

    /**
     * Dissects the Ethernet frame at {@code frameIndex} and records in the packet:
     *
     * <ul>
     *   <li>{@link Packet#etherType}: the outermost EtherType, that of the VLAN tag if there is one; 0 when the head
     *       does not hold an Ethernet header;
     *   <li>{@link Packet#networkIndex}: the IPv4, IPv6 or ARP header behind up to two VLAN tags, if its fixed part
     *       lies in the head and has the right version;
     *   <li>{@link Packet#protocol} and {@link Packet#transportIndex}: the header behind IP and its options or
     *       extension headers. Both are set or neither is ({@code protocol() != 0} means {@code transportIndex() >=
     *       0}). Neither is for later fragments, for lengths that contradict the frame, and where the fixed part of a
     *       TCP, UDP, ICMP or ICMPv6 header does not lie in the head. A first fragment has both;
     *   <li>{@link Packet#flowHash}, never 0: over addresses, protocol and ports (the identifier of an ICMP echo);
     *       over addresses and protocol for all fragments of a datagram and all other IP; over MAC addresses and
     *       EtherType for the rest.
     * </ul>
     *
     * <p>Takes any bytes of any length; reads nothing outside the head.
     */
    public static void dissect(Packet packet, int frameIndex) {
        int head = packet.headLength();
        int network = frameIndex + EthernetHeader.LENGTH;
        if (network > head) {
            packet.dissected(0, -1, 0, -1).flowHash(FlowHash.of(0, 0));
            return;
        }
        int outermost = packet.getShort(frameIndex + EthernetHeader.ETHER_TYPE);
        int etherType = outermost;
        if (EthernetHeader.isVlan(outermost)) {
            int type = VlanTags.typeIndex(packet, frameIndex);
            etherType = VlanTags.type(packet, type);
            network = type + Short.BYTES;
        }
        if (etherType == EthernetHeader.IPV4 && holds(packet, network, Ipv4Header.LENGTH, 4)) {
            dissectIpv4(packet, outermost, network);
        } else if (etherType == EthernetHeader.IPV6 && holds(packet, network, Ipv6Header.LENGTH, 6)) {
            dissectIpv6(packet, outermost, network);
        } else {
            boolean arp = etherType == EthernetHeader.ARP && holdsArp(packet, network);
            long destination = packet.getMac(frameIndex + EthernetHeader.DESTINATION);
            long source = packet.getMac(frameIndex + EthernetHeader.SOURCE);
            packet.dissected(outermost, arp ? network : -1, 0, -1)
                    .flowHash(FlowHash.of(FlowHash.mix(destination, source), outermost));
        }
    }

    /** Whether a dissected packet has an IPv4 header, at {@link Packet#networkIndex}. */
    public static boolean isIpv4(Packet packet) {
        int network = packet.networkIndex();
        return network >= 0 && packet.getByte(network) >>> 4 == 4;
    }

    /** Whether a dissected packet has an IPv6 header, at {@link Packet#networkIndex}. */
    public static boolean isIpv6(Packet packet) {
        int network = packet.networkIndex();
        return network >= 0 && packet.getByte(network) >>> 4 == 6;
    }

    /** Whether a dissected packet is one of several IP fragments, the first included. */
    public static boolean isFragment(Packet packet) {
        int network = packet.networkIndex();
        if (isIpv4(packet)) {
            return (packet.getShort(network + Ipv4Header.FRAGMENT_BITS) & Ipv4Header.FRAGMENT_MASK) != 0;
        }
        if (!isIpv6(packet) || isPlainTransport(packet.getByte(network + Ipv6Header.NEXT_HEADER))) {
            return false;
        }
        return Ipv6Chain.isFragment(chain(packet, network));
    }

    /**
     * The protocol above a dissected IP packet, also where {@link Packet#protocol} is 0 because its header cannot be
     * seen: what the IPv4 header, the end of the chain of IPv6 extension headers, or a later fragment's fragment
     * header names. An extension header's number when the chain is cut off or too long; negative when it is not IP.
     */
    public static int ipProtocol(Packet packet) {
        int network = packet.networkIndex();
        if (isIpv4(packet)) {
            return packet.getByte(network + Ipv4Header.PROTOCOL);
        }
        return isIpv6(packet) ? (int) chain(packet, network) & 0xff : -1;
    }

    private static long chain(Packet packet, int network) {
        return Ipv6Chain.walk(packet, network, Math.min(ipEnd(packet), packet.headLength()));
    }

    /**
     * Index of the first byte behind a dissected IP packet, as its header has it: the end of the frame, unless that
     * is padded. Negative when the packet is not IP. May lie behind the frame only when there is no
     * {@link Packet#transportIndex}.
     */
    public static int ipEnd(Packet packet) {
        int network = packet.networkIndex();
        if (isIpv4(packet)) {
            return network + packet.getShort(network + Ipv4Header.TOTAL_LENGTH);
        }
        return isIpv6(packet) ? network + Ipv6Header.LENGTH + packet.getShort(network + Ipv6Header.PAYLOAD_LENGTH) : -1;
    }

    /**
     * Index in the head of the payload of a dissected TCP segment or UDP datagram: the length of all headers, for
     * {@link Packet#cut}. Negative when it is neither, a fragment, or its headers contradict each other or the head.
     */
    public static int payloadIndex(Packet packet) {
        int transport = packet.transportIndex();
        int end = ipEnd(packet);
        int payload;
        boolean consistent;
        switch (packet.protocol()) {
            case IpProtocol.UDP -> {
                payload = transport + UdpHeader.LENGTH;
                consistent = packet.getShort(transport + UdpHeader.DATAGRAM_LENGTH) == end - transport;
            }
            case IpProtocol.TCP -> {
                payload = transport + TcpHeader.headerLength(packet.getByte(transport + TcpHeader.OFFSET_AND_FLAGS));
                consistent = payload >= transport + TcpHeader.LENGTH && payload <= Math.min(end, packet.headLength());
            }
            default -> {
                return -1;
            }
        }
        return consistent && !isFragment(packet) ? payload : -1;
    }

    private static boolean holds(Packet packet, int network, int length, int version) {
        return network + length <= packet.headLength() && packet.getByte(network) >>> 4 == version;
    }

    private static boolean holdsArp(Packet packet, int network) {
        return network + ArpPacket.LENGTH <= packet.headLength()
                && packet.getLong(network) >>> 16 == ArpPacket.ETHERNET_IPV4;
    }

    private static void dissectIpv4(Packet packet, int etherType, int network) {
        long start = packet.getLong(network); // version and header length, TOS, total length, identification, fragment
        int headerLength = Ipv4Header.headerLength((int) (start >>> 56));
        int totalLength = (int) (start >>> 32) & 0xffff;
        int fragmentBits = (int) start & 0xffff;
        int protocol = packet.getByte(network + Ipv4Header.PROTOCOL);
        int transport = network + headerLength;
        int end = network + totalLength;
        boolean seen = headerLength >= Ipv4Header.LENGTH
                && end <= packet.length()
                && (fragmentBits & Ipv4Header.FRAGMENT_OFFSET_MASK) == 0
                && holdsTransport(packet, protocol, transport, end);
        boolean fragment = (fragmentBits & Ipv4Header.FRAGMENT_MASK) != 0;
        int ports = seen && !fragment ? ports(packet, protocol, transport) : 0;
        packet.dissected(etherType, network, seen ? protocol : 0, seen ? transport : -1)
                .flowHash(FlowHash.of(packet.getLong(network + Ipv4Header.SOURCE), FlowHash.ends(protocol, ports)));
    }

    private static void dissectIpv6(Packet packet, int etherType, int network) {
        int end = network + Ipv6Header.LENGTH + packet.getShort(network + Ipv6Header.PAYLOAD_LENGTH);
        int first = packet.getByte(network + Ipv6Header.NEXT_HEADER);
        boolean fits = end <= packet.length();
        int limit = Math.min(end, packet.headLength());
        long chain = isPlainTransport(first) || !fits
                ? Ipv6Chain.end(network + Ipv6Header.LENGTH, first, false, false)
                : Ipv6Chain.walk(packet, network, limit);
        int protocol = Ipv6Chain.protocol(chain);
        int transport = Ipv6Chain.index(chain);
        boolean seen = fits && !Ipv6Chain.isHidden(chain) && holdsTransport(packet, protocol, transport, end);
        int ports = seen && !Ipv6Chain.isFragment(chain) ? ports(packet, protocol, transport) : 0;
        int flowProtocol = Ipv6Chain.flowProtocol(chain);
        packet.dissected(etherType, network, seen ? protocol : 0, seen ? transport : -1)
                .flowHash(FlowHash.of(addresses(packet, network), FlowHash.ends(flowProtocol, ports)));
    }

    private static boolean isPlainTransport(int protocol) {
        return protocol == IpProtocol.TCP || protocol == IpProtocol.UDP || protocol == IpProtocol.ICMPV6;
    }

    /** Whether a protocol's fixed header lies in the head and before {@code end}; there is none for number 0. */
    private static boolean holdsTransport(Packet packet, int protocol, int transport, int end) {
        int length = switch (protocol) {
            case IpProtocol.TCP -> TcpHeader.LENGTH;
            case IpProtocol.UDP -> UdpHeader.LENGTH;
            case IpProtocol.ICMP, IpProtocol.ICMPV6 -> IcmpHeader.LENGTH;
            default -> 0;
        };
        return protocol != 0 && transport + length <= Math.min(end, packet.headLength());
    }

    private static int ports(Packet packet, int protocol, int transport) {
        return switch (protocol) {
            case IpProtocol.TCP, IpProtocol.UDP -> packet.getInt(transport);
            case IpProtocol.ICMP -> echoId(packet, transport, false);
            case IpProtocol.ICMPV6 -> echoId(packet, transport, true);
            default -> 0;
        };
    }

    private static int echoId(Packet packet, int transport, boolean isIcmpv6) {
        boolean isEcho = IcmpHeader.isEcho(packet.getByte(transport), isIcmpv6);
        return isEcho ? packet.getShort(transport + IcmpHeader.ID) : 0;
    }

    private static long addresses(Packet packet, int network) {
        long source = FlowHash.mix(
                packet.getLong(network + Ipv6Header.SOURCE), packet.getLong(network + Ipv6Header.SOURCE_LOW));
        return FlowHash.mix(
                FlowHash.mix(source, packet.getLong(network + Ipv6Header.DESTINATION)),
                packet.getLong(network + Ipv6Header.DESTINATION_LOW));
    }
}
