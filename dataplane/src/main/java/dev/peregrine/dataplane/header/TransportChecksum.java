package dev.peregrine.dataplane.header;

import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.Packet;

/**
 * The checksum of TCP, UDP and ICMPv6 in a dissected frame. None of the methods looks into the fragments of a
 * superframe, whose checksum is always {@link Checksum#PARTIAL partial}: its field holds the folded, uncomplemented
 * sum of a pseudo-header whose length is that of the whole superframe, transport header included. So Linux has it in
 * its own GSO packets, and so a TAP device wants it.
 */
public final class TransportChecksum {
    private TransportChecksum() {}

    /**
     * Whether the checksum field of a TCP or UDP frame holds the folded, uncomplemented sum of the pseudo-header only:
     * what Linux leaves there when it counts on hardware to do the rest. The length in the pseudo-header is that of
     * the whole frame, also when the frame is to be cut.
     *
     * <p>One right checksum in 65,535 looks like this, too. Nothing is lost then: completing gives the same value.
     */
    public static boolean isPseudoHeaderOnly(Packet packet) {
        int protocol = packet.protocol();
        return (protocol == IpProtocol.TCP || protocol == IpProtocol.UDP)
                && field(packet) == pseudoHeader(packet)
                && Dissector.payloadIndex(packet) >= 0;
    }

    /**
     * Whether the checksum is right. True for UDP over IPv4 with checksum zero, which has none; false for fragments,
     * superframes, and everything but TCP, UDP and ICMPv6.
     */
    public static boolean verify(Packet packet) {
        if (!isCovered(packet)) {
            return false;
        }
        if (packet.protocol() == IpProtocol.UDP && field(packet) == 0) {
            return Dissector.isIpv4(packet);
        }
        return InternetChecksum.fold(pseudoHeader(packet) + transport(packet)) == 0xffff;
    }

    /**
     * Computes the checksum of a plain TCP, UDP or ICMPv6 frame, whatever the field held before, and makes it
     * {@link Checksum#VERIFIED}. Fragments, superframes and other protocols are left as they are.
     */
    public static void complete(Packet packet) {
        if (!isCovered(packet)) {
            return;
        }
        int at = csumStart(packet) + csumOffset(packet);
        packet.setShort(at, 0);
        packet.setShort(at, checksum(pseudoHeader(packet) + transport(packet), packet.protocol()));
        packet.checksum(Checksum.VERIFIED);
    }

    /**
     * Puts the bare pseudo-header sum in the checksum field of a TCP or UDP frame or superframe and makes it
     * {@link Checksum#PARTIAL}. Only for frames whose checksum was known to be right.
     */
    public static void makePartial(Packet packet) {
        packet.setShort(csumStart(packet) + csumOffset(packet), pseudoHeader(packet));
        packet.checksum(Checksum.PARTIAL);
    }

    /** Index in the head where the bytes that the checksum covers begin: virtio's {@code csum_start}. */
    public static int csumStart(Packet packet) {
        return packet.transportIndex();
    }

    /** Distance of the checksum field from {@link #csumStart}: virtio's {@code csum_offset}; negative when unknown. */
    public static int csumOffset(Packet packet) {
        return switch (packet.protocol()) {
            case IpProtocol.TCP -> TcpHeader.CHECKSUM;
            case IpProtocol.UDP -> UdpHeader.CHECKSUM;
            case IpProtocol.ICMPV6 -> Dissector.isIpv6(packet) ? IcmpHeader.CHECKSUM : -1;
            default -> -1;
        };
    }

    /** The checksum for a sum over pseudo-header, header and payload; UDP sends zero as all ones (RFC 768). */
    public static int checksum(long sum, int protocol) {
        int checksum = InternetChecksum.complement(sum);
        return checksum == 0 && protocol == IpProtocol.UDP ? 0xffff : checksum;
    }

    /** Whether a TCP or UDP frame has a checksum at all: only UDP can do without. */
    public static boolean isPresent(Packet packet) {
        return packet.protocol() != IpProtocol.UDP || field(packet) != 0;
    }

    /** Whether all that the checksum covers lies in the head. */
    private static boolean isCovered(Packet packet) {
        if (csumOffset(packet) < 0 || packet.isSuperframe()) {
            return false;
        }
        int length = transportLength(packet);
        return length >= UdpHeader.LENGTH
                && packet.transportIndex() + length <= Dissector.ipEnd(packet)
                && !Dissector.isFragment(packet);
    }

    private static int field(Packet packet) {
        return packet.getShort(csumStart(packet) + csumOffset(packet));
    }

    /** The bytes that the checksum covers: UDP has a length of its own, which may be less than IP's. */
    private static int transportLength(Packet packet) {
        int transport = packet.transportIndex();
        return packet.protocol() == IpProtocol.UDP
                ? packet.getShort(transport + UdpHeader.DATAGRAM_LENGTH)
                : Dissector.ipEnd(packet) - transport;
    }

    private static int pseudoHeader(Packet packet) {
        int network = packet.networkIndex();
        long addresses = Dissector.isIpv4(packet)
                ? sumOf8(packet, network + Ipv4Header.SOURCE)
                : sumOf8(packet, network + Ipv6Header.SOURCE)
                        + sumOf8(packet, network + Ipv6Header.SOURCE_LOW)
                        + sumOf8(packet, network + Ipv6Header.DESTINATION)
                        + sumOf8(packet, network + Ipv6Header.DESTINATION_LOW);
        return InternetChecksum.fold(addresses + packet.protocol() + transportLength(packet));
    }

    private static long sumOf8(Packet packet, int index) {
        long word = packet.getLong(index);
        return (word >>> 32) + (word & 0xffff_ffffL);
    }

    private static long transport(Packet packet) {
        return InternetChecksum.sum(
                packet.memory(), packet.offset() + packet.transportIndex(), transportLength(packet));
    }
}
