package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.InternetChecksum;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import org.jspecify.annotations.Nullable;

/**
 * Makes a packet of a frame that was read from a device: dissects it, and translates the virtio header into the
 * packet's checksum state and segments. It trusts the virtio header only where dissection agrees.
 *
 * <p>A superframe comes in one of two forms, both with all payload end to end behind the headers of the first segment,
 * whose lengths are those of the whole. Where {@code NEEDS_CSUM} is set, a sender left segmentation to a device, or GRO
 * merged. Where it is not, the checksum field is still the first segment's: a network card merged segments that it had
 * verified (LRO), or the kernel merged them into a list ({@code rx-gro-list}).
 */
final class ReceivedFrame {
    /** The most bytes of all segments' headers; the underlay has room for them, and for VXLAN headers. */
    static final int MAX_HEADER_BYTES = 192 << 10;

    private static final int MAX_IP_LENGTH = 65_535;

    private ReceivedFrame() {}

    /**
     * Describes the frame; answers why it must be dropped, or null. A buffer without tailroom held but a part of it.
     */
    static @Nullable DropReason describe(Packet packet, VirtioNetHeader virtio, int maxSegments) {
        boolean isSuperframe = virtio.gsoType() != VirtioNetHeader.GSO_NONE;
        if (packet.length() < EthernetHeader.LENGTH || (packet.tailroom() == 0 && !isSuperframe)) {
            return DropReason.INNER_HEADER_INVALID;
        }
        Dissector.dissect(packet, 0);
        boolean partial = (virtio.flags() & VirtioNetHeader.NEEDS_CSUM) != 0;
        boolean agrees = partial && isTransportChecksum(packet, virtio);
        if (isSuperframe) {
            return isTooLong(packet)
                    ? DropReason.SUPERFRAME_TOO_LONG
                    : cut(packet, virtio, agrees || !partial, maxSegments);
        }
        if (agrees) {
            packet.checksum(Checksum.PARTIAL);
        } else if (partial) {
            boolean isInside = complete(packet, virtio.checksumStart(), virtio.checksumOffset());
            return isInside ? null : DropReason.INNER_HEADER_INVALID;
        } else if ((virtio.flags() & VirtioNetHeader.DATA_VALID) != 0) {
            packet.checksum(Checksum.VERIFIED);
        }
        return null;
    }

    /**
     * The wire packets that a frame stands for which {@link #describe} refused.
     *
     * @param length bytes of the whole frame, also where the packet holds but a part
     */
    static int wirePackets(Packet packet, VirtioNetHeader virtio, int length) {
        if (packet.isSuperframe()) {
            return packet.wirePackets();
        }
        int size = virtio.gsoSize();
        if (virtio.gsoType() == VirtioNetHeader.GSO_NONE || size == 0) {
            return 1;
        }
        int payload = length - headerLength(packet, virtio);
        return Math.max(1, (payload + size - 1) / size);
    }

    /** Bytes in front of the payload, of a tunnel's inner headers too. */
    private static int headerLength(Packet packet, VirtioNetHeader virtio) {
        int start = virtio.checksumStart();
        boolean partial = (virtio.flags() & VirtioNetHeader.NEEDS_CSUM) != 0;
        if (!partial || start + TcpHeader.LENGTH > packet.length()) {
            return Math.max(EthernetHeader.LENGTH, Dissector.payloadIndex(packet));
        }
        return virtio.checksumOffset() == TcpHeader.CHECKSUM
                ? start + TcpHeader.headerLength(packet.getByte(start + TcpHeader.OFFSET_AND_FLAGS))
                : start + UdpHeader.LENGTH;
    }

    /** Whether the checksum to be completed is the one that dissection found. */
    private static boolean isTransportChecksum(Packet packet, VirtioNetHeader virtio) {
        return Dissector.payloadIndex(packet) >= 0
                && virtio.checksumStart() == TransportChecksum.csumStart(packet)
                && virtio.checksumOffset() == TransportChecksum.csumOffset(packet)
                && (!hasExtensionHeaders(packet) || TransportChecksum.isPseudoHeaderOnly(packet));
    }

    /**
     * Behind them the checksum may be over other addresses than the IPv6 header's: a routing header has the last one.
     */
    private static boolean hasExtensionHeaders(Packet packet) {
        return packet.transportIndex() > packet.networkIndex() + Ipv6Header.LENGTH && Dissector.isIpv6(packet);
    }

    private static boolean isTooLong(Packet packet) {
        int network = packet.networkIndex();
        int header = Dissector.isIpv6(packet) ? Ipv6Header.LENGTH : 0;
        return packet.tailroom() == 0 || (network >= 0 && packet.length() - network - header > MAX_IP_LENGTH);
    }

    private static @Nullable DropReason cut(Packet packet, VirtioNetHeader virtio, boolean isRight, int maxSegments) {
        int payload = Dissector.payloadIndex(packet);
        if (!isRight
                || payload < 0
                || virtio.gsoSize() == 0
                || virtio.gsoType() != typeOf(packet)
                || Dissector.ipEnd(packet) != packet.length()) {
            return DropReason.SUPERFRAME_UNSUPPORTED;
        }
        TransportChecksum.makePartial(packet);
        packet.cut(payload, virtio.gsoSize());
        int segments = packet.wirePackets();
        return segments > maxSegments || segments * payload > MAX_HEADER_BYTES ? DropReason.SUPERFRAME_SEGMENTS : null;
    }

    /** The type of a superframe with these headers. */
    private static int typeOf(Packet packet) {
        return switch (packet.protocol()) {
            case IpProtocol.TCP -> Dissector.isIpv4(packet) ? VirtioNetHeader.GSO_TCPV4 : VirtioNetHeader.GSO_TCPV6;
            case IpProtocol.UDP -> VirtioNetHeader.GSO_UDP_L4;
            default -> VirtioNetHeader.GSO_NONE;
        };
    }

    /** Completes a checksum of whatever protocol, as the kernel does for a device that cannot. */
    private static boolean complete(Packet packet, int start, int offset) {
        int field = start + offset;
        if (field + Short.BYTES > packet.length()) {
            return false;
        }
        long sum = InternetChecksum.sum(packet.memory(), packet.offset() + start, packet.length() - start);
        int checksum = InternetChecksum.complement(sum);
        packet.setShort(field, checksum == 0 ? 0xffff : checksum);
        return true;
    }
}
