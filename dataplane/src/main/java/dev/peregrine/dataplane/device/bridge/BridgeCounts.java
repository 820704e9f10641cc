package dev.peregrine.dataplane.device.bridge;

import dev.peregrine.dataplane.device.neighbour.SegmentCounts;
import dev.peregrine.dataplane.header.ArpPacket;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.NeighbourDiscovery;
import dev.peregrine.dataplane.packet.Packet;

/**
 * The floods, and the questions for neighbours with their answers, that one worker's bridge has passed on, by segment.
 * The flow cache takes none of them past the bridge. Written by one worker; any thread may read.
 */
final class BridgeCounts {
    private final SegmentCounts unknownUnicasts = new SegmentCounts();
    private final SegmentCounts groups = new SegmentCounts();
    private final SegmentCounts questions = new SegmentCounts();
    private final SegmentCounts replies = new SegmentCounts();
    private final ArpPacket arp = new ArpPacket();
    private final NeighbourDiscovery message = new NeighbourDiscovery();

    /** Counts a flooded frame. */
    void flooded(Packet packet, boolean isUnicast) {
        (isUnicast ? unknownUnicasts : groups).add(packet.segment(), packet.wirePackets());
    }

    /** Counts an ARP packet or neighbour discovery message without a VLAN tag; other frames are not counted. */
    void lookAt(Packet packet) {
        if (packet.etherType() == EthernetHeader.ARP && packet.networkIndex() >= 0) {
            count(packet, arp.wrap(packet, packet.networkIndex()).operation(), ArpPacket.REQUEST, ArpPacket.REPLY);
        } else if (packet.protocol() == IpProtocol.ICMPV6) {
            int type = message.wrap(packet, packet.transportIndex()).type();
            count(packet, type, NeighbourDiscovery.SOLICITATION, NeighbourDiscovery.ADVERTISEMENT);
        }
    }

    private void count(Packet packet, int kind, int question, int reply) {
        if (kind == question) {
            questions.add(packet.segment(), 1);
        } else if (kind == reply) {
            replies.add(packet.segment(), 1);
        }
    }

    /** Frames to a MAC address that the FDB did not have. */
    long unknownUnicasts(int segment) {
        return unknownUnicasts.value(segment);
    }

    /** Broadcast and multicast frames. */
    long groups(int segment) {
        return groups.value(segment);
    }

    /** ARP requests and neighbour solicitations, those without a VLAN tag. */
    long questions(int segment) {
        return questions.value(segment);
    }

    /** ARP replies and neighbour advertisements, likewise. */
    long replies(int segment) {
        return replies.value(segment);
    }
}
