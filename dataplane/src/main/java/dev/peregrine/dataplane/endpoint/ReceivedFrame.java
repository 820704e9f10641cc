package dev.peregrine.dataplane.endpoint;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.InternetChecksum;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.Packet;

/**
 * Makes a packet of a frame that was read from a device: dissects it, and turns what the virtio header says into
 * the packet's checksum state and segments. Headers are believed only where dissection agrees.
 */
final class ReceivedFrame {
    private static final int CHECKSUM_LENGTH = 2;

    private ReceivedFrame() {}

    /** Describes the frame; false for one that contradicts its virtio header, or has too many segments. */
    static boolean describe(Packet packet, VirtioNetHeader virtio, int maxSegments) {
        if (packet.length() < EthernetHeader.LENGTH) {
            return false;
        }
        Dissector.dissect(packet, 0);
        boolean partial = (virtio.flags() & VirtioNetHeader.NEEDS_CSUM) != 0;
        boolean agrees = partial && isTransportChecksum(packet, virtio);
        if (virtio.gsoType() != VirtioNetHeader.GSO_NONE) {
            return agrees && cut(packet.checksum(Checksum.PARTIAL), virtio, maxSegments);
        }
        if (agrees) {
            packet.checksum(Checksum.PARTIAL);
        } else if (partial) {
            return complete(packet, virtio.checksumStart(), virtio.checksumOffset());
        } else if ((virtio.flags() & VirtioNetHeader.DATA_VALID) != 0) {
            packet.checksum(Checksum.VERIFIED);
        }
        return true;
    }

    /** Whether the checksum to be completed is the one that dissection found. */
    private static boolean isTransportChecksum(Packet packet, VirtioNetHeader virtio) {
        return Dissector.payloadIndex(packet) >= 0
                && virtio.checksumStart() == TransportChecksum.csumStart(packet)
                && virtio.checksumOffset() == TransportChecksum.csumOffset(packet);
    }

    private static boolean cut(Packet packet, VirtioNetHeader virtio, int maxSegments) {
        int type = virtio.gsoType();
        boolean fits = switch (packet.protocol()) {
            case IpProtocol.TCP ->
                type == (Dissector.isIpv4(packet) ? VirtioNetHeader.GSO_TCPV4 : VirtioNetHeader.GSO_TCPV6);
            case IpProtocol.UDP -> type == VirtioNetHeader.GSO_UDP_L4;
            default -> false;
        };
        if (!fits || virtio.gsoSize() == 0) {
            return false;
        }
        packet.cut(Dissector.payloadIndex(packet), virtio.gsoSize());
        return packet.segments() <= maxSegments;
    }

    /** Completes a checksum of whatever protocol, as the kernel does for a device that cannot. */
    private static boolean complete(Packet packet, int start, int offset) {
        int field = start + offset;
        if (field + CHECKSUM_LENGTH > packet.length()) {
            return false;
        }
        long sum = InternetChecksum.sum(packet.memory(), packet.offset() + start, packet.length() - start);
        int checksum = InternetChecksum.complement(sum);
        packet.setShort(field, checksum == 0 ? 0xffff : checksum);
        return true;
    }
}
