package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.NeighbourDiscovery;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.packet.Packet;

/**
 * IPv6 neighbour discovery for one address (RFC 4861): answers solicitations, those of duplicate address detection
 * included, and announces the address. The bytes are those of {@link NeighbourDiscovery}.
 */
final class NeighbourResponder {
    private static final long ALL_NODES_HIGH = 0xff02L << 48;
    private static final long ALL_NODES_LOW = 1;
    private static final long ALL_NODES_MAC = 0x3333_0000_0001L;

    private static final int ICMP = EthernetHeader.LENGTH + Ipv6Header.LENGTH;
    private static final int ANSWER_LENGTH = NeighbourDiscovery.LENGTH + NeighbourDiscovery.OPTION_LENGTH;

    private final OwnAddress own;
    private final EthernetHeader ethernet = new EthernetHeader();
    private final Ipv6Header ipv6 = new Ipv6Header();
    private final NeighbourDiscovery message = new NeighbourDiscovery();

    NeighbourResponder(OwnAddress own) {
        this.own = own;
    }

    /** Whether a dissected ICMPv6 frame is a solicitation, valid by RFC 4861 section 7.1.1, for this address. */
    boolean isAsked(Packet packet) {
        if (packet.transportIndex() != ICMP
                || packet.headLength() < ICMP + NeighbourDiscovery.LENGTH
                || message.wrap(packet, ICMP).type() != NeighbourDiscovery.SOLICITATION) {
            return false;
        }
        ipv6.wrap(packet, EthernetHeader.LENGTH);
        return own.ipv6
                && ipv6.hopLimit() == NeighbourDiscovery.HOP_LIMIT
                && ipv6.payloadLength() >= NeighbourDiscovery.LENGTH
                && message.code() == 0
                && message.targetHigh() == own.high
                && message.targetLow() == own.low
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
            write(reply, mac, high, low, NeighbourDiscovery.SOLICITED | NeighbourDiscovery.OVERRIDE);
        }
    }

    /** Writes an unsolicited advertisement to all nodes into an empty packet. */
    void announce(Packet packet) {
        write(packet, ALL_NODES_MAC, ALL_NODES_HIGH, ALL_NODES_LOW, NeighbourDiscovery.OVERRIDE);
    }

    private void write(Packet packet, long mac, long high, long low, int flags) {
        packet.put(ICMP + ANSWER_LENGTH);
        ethernet.wrap(packet, 0).destination(mac).source(own.mac).etherType(EthernetHeader.IPV6);
        ipv6.wrap(packet, EthernetHeader.LENGTH)
                .versionAndTrafficClass(0)
                .payloadLength(ANSWER_LENGTH)
                .nextHeader(IpProtocol.ICMPV6)
                .hopLimit(NeighbourDiscovery.HOP_LIMIT)
                .source(own.high, own.low)
                .destination(high, low);
        message.wrap(packet, ICMP)
                .type(NeighbourDiscovery.ADVERTISEMENT)
                .flags(flags)
                .target(own.high, own.low)
                .option(NeighbourDiscovery.TARGET_ADDRESS, own.mac);
        Dissector.dissect(packet, 0);
        TransportChecksum.complete(packet);
    }
}
