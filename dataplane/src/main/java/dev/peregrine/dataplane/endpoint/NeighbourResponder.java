package dev.peregrine.dataplane.endpoint;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.packet.Packet;

/**
 * IPv6 neighbour discovery for one address (RFC 4861): answers solicitations, those of duplicate address detection
 * included, and announces the address.
 *
 * <pre>
 *  0          4          8                      24             32
 *  +----------+----------+----------------------+--------------+
 *  | type,    | flags,   | target address       | option: link |   solicitation 135, advertisement 136
 *  | checksum | reserved |                      | layer address|
 *  +----------+----------+----------------------+--------------+
 * </pre>
 */
final class NeighbourResponder {
    private static final int SOLICITATION = 135;
    private static final int ADVERTISEMENT = 136;
    private static final int MESSAGE_LENGTH = 24;
    private static final int OPTION_LENGTH = 8;
    private static final int TARGET = 8;
    private static final int FLAGS = 4;
    private static final int SOLICITED = 0x4000_0000;
    private static final int OVERRIDE = 0x2000_0000;

    /** Type 2, length 1 unit of 8 bytes. */
    private static final int TARGET_LINK_LAYER_ADDRESS = 0x0201;

    /** RFC 4861 section 7.1.1: anything less came through a router. */
    private static final int HOP_LIMIT = 255;

    private static final long ALL_NODES_HIGH = 0xff02L << 48;
    private static final long ALL_NODES_LOW = 1;
    private static final long ALL_NODES_MAC = 0x3333_0000_0001L;

    private static final int ICMP = EthernetHeader.LENGTH + Ipv6Header.LENGTH;

    private final OwnAddress own;
    private final EthernetHeader ethernet = new EthernetHeader();
    private final Ipv6Header ipv6 = new Ipv6Header();

    NeighbourResponder(OwnAddress own) {
        this.own = own;
    }

    /** Whether a dissected ICMPv6 frame is a solicitation, valid by RFC 4861 section 7.1.1, for this address. */
    boolean isAsked(Packet packet) {
        if (packet.transportIndex() != ICMP
                || packet.getByte(ICMP) != SOLICITATION
                || packet.headLength() < ICMP + MESSAGE_LENGTH) {
            return false;
        }
        ipv6.wrap(packet, EthernetHeader.LENGTH);
        return own.ipv6
                && ipv6.hopLimit() == HOP_LIMIT
                && ipv6.payloadLength() >= MESSAGE_LENGTH
                && packet.getByte(ICMP + 1) == 0
                && packet.getLong(ICMP + TARGET) == own.high
                && packet.getLong(ICMP + TARGET + 8) == own.low
                && TransportChecksum.verify(packet);
    }

    /** Writes the advertisement that answers a solicitation into an empty packet. */
    void answer(Packet solicitation, Packet reply) {
        ipv6.wrap(solicitation, EthernetHeader.LENGTH);
        long high = ipv6.sourceHigh();
        long low = ipv6.sourceLow();
        if ((high | low) == 0) {
            announce(reply); // A host that detects duplicates has no address yet: RFC 4861 section 7.2.4.
        } else {
            long mac = ethernet.wrap(solicitation, 0).source();
            write(reply, mac, high, low, SOLICITED | OVERRIDE);
        }
    }

    /** Writes an unsolicited advertisement to all nodes into an empty packet. */
    void announce(Packet packet) {
        write(packet, ALL_NODES_MAC, ALL_NODES_HIGH, ALL_NODES_LOW, OVERRIDE);
    }

    private void write(Packet packet, long mac, long high, long low, int flags) {
        packet.put(ICMP + MESSAGE_LENGTH + OPTION_LENGTH);
        ethernet.wrap(packet, 0).destination(mac).source(own.mac).etherType(EthernetHeader.IPV6);
        ipv6.wrap(packet, EthernetHeader.LENGTH)
                .versionAndTrafficClass(0)
                .payloadLength(MESSAGE_LENGTH + OPTION_LENGTH)
                .nextHeader(IpProtocol.ICMPV6)
                .hopLimit(HOP_LIMIT)
                .source(own.high, own.low)
                .destination(high, low);
        packet.setInt(ICMP, ADVERTISEMENT << 24);
        packet.setInt(ICMP + FLAGS, flags);
        packet.setLong(ICMP + TARGET, own.high);
        packet.setLong(ICMP + TARGET + 8, own.low);
        packet.setShort(ICMP + MESSAGE_LENGTH, TARGET_LINK_LAYER_ADDRESS);
        packet.setMac(ICMP + MESSAGE_LENGTH + 2, own.mac);
        Dissector.dissect(packet, 0);
        TransportChecksum.complete(packet);
    }
}
