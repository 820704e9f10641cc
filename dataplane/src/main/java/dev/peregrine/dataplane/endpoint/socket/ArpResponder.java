package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.header.ArpPacket;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.packet.Packet;

/** ARP for one address (RFC 826): answers requests, probes included, and announces the address (RFC 5227 section 3). */
final class ArpResponder {
    private static final int FRAME_LENGTH = EthernetHeader.LENGTH + ArpPacket.LENGTH;

    private final OwnAddress own;
    private final EthernetHeader ethernet = new EthernetHeader();
    private final ArpPacket arp = new ArpPacket();

    ArpResponder(OwnAddress own) {
        this.own = own;
    }

    /** Whether a frame of ARP's EtherType asks for this address. */
    boolean isAsked(Packet packet) {
        if (own.ipv6 || packet.headLength() < FRAME_LENGTH) {
            return false;
        }
        arp.wrap(packet, EthernetHeader.LENGTH);
        return arp.isEthernetIpv4()
                && arp.operation() == ArpPacket.REQUEST
                && arp.targetIp() == own.ipv4()
                && !EthernetHeader.isGroup(arp.senderMac());
    }

    /** Writes the reply to a request into an empty packet. */
    void answer(Packet request, Packet reply) {
        arp.wrap(request, EthernetHeader.LENGTH);
        long mac = arp.senderMac();
        int address = arp.senderIp();
        write(reply, mac, ArpPacket.REPLY).target(mac, address);
    }

    /** Writes the announcement of the address into an empty packet. */
    void announce(Packet packet) {
        write(packet, EthernetHeader.BROADCAST, ArpPacket.REQUEST).target(0, own.ipv4());
    }

    private ArpPacket write(Packet packet, long destination, int operation) {
        packet.put(FRAME_LENGTH);
        ethernet.wrap(packet, 0).destination(destination).source(own.mac).etherType(EthernetHeader.ARP);
        return arp.wrap(packet, EthernetHeader.LENGTH).ethernetIpv4(operation).sender(own.mac, own.ipv4());
    }
}
