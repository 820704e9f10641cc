package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IcmpHeader;
import dev.peregrine.dataplane.header.InternetChecksum;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.Packet;

/** ICMP echo (RFC 792) and ICMPv6 echo (RFC 4443 section 4): makes a request for one address its own reply. */
final class EchoResponder {
    /** Type and code. */
    private static final int REQUEST = IcmpHeader.ECHO_REQUEST << 8;

    private static final int REPLY = IcmpHeader.ECHO_REPLY << 8;
    private static final int REQUEST_V6 = IcmpHeader.ECHO_REQUEST_V6 << 8;
    private static final int REPLY_V6 = IcmpHeader.ECHO_REPLY_V6 << 8;
    private static final int TTL = 64;
    private static final int IP = EthernetHeader.LENGTH;

    private final OwnAddress own;
    private final EthernetHeader ethernet = new EthernetHeader();
    private final Ipv4Header ipv4 = new Ipv4Header();
    private final Ipv6Header ipv6 = new Ipv6Header();

    EchoResponder(OwnAddress own) {
        this.own = own;
    }

    /** Whether a dissected frame for this address is an echo request without IP options. */
    boolean isAsked(Packet packet) {
        int transport = packet.transportIndex();
        return switch (packet.protocol()) {
            case IpProtocol.ICMP ->
                !own.ipv6 && transport == IP + Ipv4Header.LENGTH && packet.getShort(transport) == REQUEST;
            case IpProtocol.ICMPV6 ->
                own.ipv6 && transport == IP + Ipv6Header.LENGTH && packet.getShort(transport) == REQUEST_V6;
            default -> false;
        };
    }

    /** Whether the checksum of an ICMP or ICMPv6 message without IP options is right. */
    boolean isIntact(Packet message) {
        if (own.ipv6) {
            return TransportChecksum.verify(message);
        }
        int transport = message.transportIndex();
        int length = ipv4.wrap(message, IP).totalLength() - Ipv4Header.LENGTH;
        long sum = InternetChecksum.sum(message.memory(), message.offset() + transport, length);
        return InternetChecksum.fold(sum) == 0xffff;
    }

    /** Makes a copy of the request the reply to it. */
    void answer(Packet packet) {
        ethernet.wrap(packet, 0);
        ethernet.destination(ethernet.source()).source(own.mac);
        if (own.ipv6) {
            ipv6.wrap(packet, IP).hopLimit(TTL);
            ipv6.destination(ipv6.sourceHigh(), ipv6.sourceLow()).source(own.high, own.low);
            replace(packet, REQUEST_V6, REPLY_V6);
            packet.trim(IP + Ipv6Header.LENGTH + ipv6.payloadLength());
        } else {
            ipv4.wrap(packet, IP).ttl(TTL).fragmentBits(Ipv4Header.DONT_FRAGMENT);
            ipv4.destination(ipv4.source()).source(own.ipv4()).fillChecksum();
            replace(packet, REQUEST, REPLY);
            packet.trim(IP + ipv4.totalLength());
        }
        Dissector.dissect(packet.checksum(Checksum.VERIFIED), 0);
    }

    /** Sets type and code; swapped addresses leave the rest of the sum as it is. */
    private static void replace(Packet packet, int before, int after) {
        int transport = packet.transportIndex();
        int checksum = packet.getShort(transport + IcmpHeader.CHECKSUM);
        packet.setShort(transport, after);
        packet.setShort(transport + IcmpHeader.CHECKSUM, InternetChecksum.update(checksum, before, after));
    }
}
