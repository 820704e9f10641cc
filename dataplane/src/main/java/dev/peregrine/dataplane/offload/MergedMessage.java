package dev.peregrine.dataplane.offload;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.dataplane.packet.Packet;

/**
 * What a message holds that a socket with {@code UDP_GRO} received with a segment size. The kernel reports that of
 * datagrams that it merged; and where a tunnel's end on the same kernel sent a superframe of inner UDP datagrams, that of
 * the inner datagrams.
 *
 * <p>All bytes behind the first tunnel header may be a workload's: it may send a superframe whose payload has a tunnel
 * header of another network just where the second datagram would begin, or a datagram whose IP length covers those that
 * the kernel merges behind it. So no length of the inner frame is believed. Datagrams with the header of the first stay
 * in its network, however they are read. Headers that differ are believed only where the kernel cannot have taken the
 * first frame for UDP: it lets no other superframe pass that it reports like that.
 */
enum MergedMessage {
    /** Datagrams, one tunnel header each. */
    DATAGRAMS,
    /** One tunnel header and one superframe. */
    FRAME,
    /** Datagrams of several networks, or a superframe that poses as such; neither may be delivered. */
    AMBIGUOUS;

    private static final int IPV4_PROTOCOL = 9;
    private static final int IPV6_NEXT_HEADER = 6;

    /** Tells from a message whose head is the first piece, and whose fragments are the others, end to end. */
    static MergedMessage of(Packet message, TunnelHeaders headers) {
        if (areAllEqual(message) || !mayBeUdp(message)) {
            return DATAGRAMS;
        }
        for (int i = 0; i < message.fragmentCount(); i++) {
            if (!holdsHeader(message, i) || !headers.isHeader(header(message, i))) {
                return FRAME;
            }
        }
        return AMBIGUOUS;
    }

    /** Whether all pieces begin with the same tunnel header. */
    private static boolean areAllEqual(Packet message) {
        int last = message.fragmentCount() - 1;
        if (message.headLength() < TunnelHeaders.LENGTH || !holdsHeader(message, last)) {
            return false;
        }
        long differences = 0;
        long first = message.getLong(0);
        for (int i = 0; i <= last; i++) {
            differences |= header(message, i) ^ first;
        }
        return differences == 0;
    }

    private static boolean holdsHeader(Packet message, int fragment) {
        return message.fragmentLength(fragment) >= TunnelHeaders.LENGTH;
    }

    private static long header(Packet message, int fragment) {
        return message.getLong((int) (message.fragmentOffset(fragment) - message.offset()));
    }

    /** Whether the kernel may have taken the first frame for UDP. It looks at no length and no version. */
    private static boolean mayBeUdp(Packet message) {
        int length = message.length();
        int network = TunnelHeaders.LENGTH + EthernetHeader.LENGTH;
        while (network <= length && EthernetHeader.isVlan(etherTypeBefore(message, network))) {
            network += EthernetHeader.VLAN_TAG_LENGTH;
        }
        if (network + Ipv4Header.LENGTH + UdpHeader.LENGTH > length) {
            return false;
        }
        return switch (etherTypeBefore(message, network)) {
            case EthernetHeader.IPV4 -> message.getByte(network + IPV4_PROTOCOL) == IpProtocol.UDP;
            case EthernetHeader.IPV6 -> {
                int next = message.getByte(network + IPV6_NEXT_HEADER);
                yield next != IpProtocol.TCP && next != IpProtocol.ICMPV6;
            }
            case EthernetHeader.ARP -> false;
            default -> true;
        };
    }

    private static int etherTypeBefore(Packet message, int network) {
        return message.getShort(network - Short.BYTES);
    }
}
