package dev.peregrine.load.sink;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.InternetChecksum;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.load.VxlanFrames;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Finds the inner UDP payload of a VXLAN datagram, whose inner checksums must be right: no VLAN tags, no IP options or
 * extension headers, no fragments.
 */
final class VxlanPayload {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private static final int I_FLAG = 0x0800_0000;
    private static final int ETHER_TYPE = VxlanFrames.FRAME + EthernetHeader.ETHER_TYPE;
    private static final int NETWORK = VxlanFrames.NETWORK;
    private static final int IPV4_UDP = NETWORK + Ipv4Header.LENGTH;
    private static final int IPV6_UDP = NETWORK + Ipv6Header.LENGTH;
    /** Sums up to this where it includes a right checksum. */
    private static final int RIGHT = 0xffff;

    private VxlanPayload() {}

    /**
     * Index of the payload in a datagram of {@code length} bytes at {@code position}.
     *
     * @param vni the VNI that the header must have; -1: any
     * @return -1 for any other datagram
     */
    static int index(MemorySegment memory, long position, int length, int vni) {
        if (length < IPV4_UDP + UdpHeader.LENGTH || (memory.get(INT, position) & I_FLAG) == 0) return -1;
        if (vni >= 0 && memory.get(INT, position + VxlanFrames.VNI) >>> 8 != vni) return -1;
        int udp = switch (memory.get(SHORT, position + ETHER_TYPE) & 0xffff) {
            case EthernetHeader.IPV4 -> isIpv4Udp(memory, position + NETWORK) ? IPV4_UDP : -1;
            case EthernetHeader.IPV6 -> isIpv6Udp(memory, position + NETWORK) ? IPV6_UDP : -1;
            default -> -1;
        };
        if (udp < 0 || udp + UdpHeader.LENGTH > length) return -1;
        int datagram = memory.get(SHORT, position + udp + UdpHeader.DATAGRAM_LENGTH) & 0xffff;
        if (datagram != length - udp) return -1;
        return isRight(memory, position, udp, datagram) ? udp + UdpHeader.LENGTH : -1;
    }

    private static boolean isRight(MemorySegment memory, long position, int udp, int datagram) {
        long network = position + NETWORK;
        long transport = position + udp;
        long pseudo;
        if (udp == IPV4_UDP) {
            if (InternetChecksum.fold(InternetChecksum.sum(memory, network, IPV4_UDP - NETWORK)) != RIGHT) return false;
            if (memory.get(SHORT, transport + UdpHeader.CHECKSUM) == 0) return true;
            pseudo = InternetChecksum.pseudoHeader4(memory, network, IpProtocol.UDP, datagram);
        } else {
            pseudo = InternetChecksum.pseudoHeader6(memory, network, IpProtocol.UDP, datagram);
        }
        return InternetChecksum.fold(pseudo + InternetChecksum.sum(memory, transport, datagram)) == RIGHT;
    }

    private static boolean isIpv4Udp(MemorySegment memory, long network) {
        return memory.get(BYTE, network) == Ipv4Header.WITHOUT_OPTIONS
                && memory.get(BYTE, network + Ipv4Header.PROTOCOL) == IpProtocol.UDP
                && (memory.get(SHORT, network + Ipv4Header.FRAGMENT_BITS) & Ipv4Header.FRAGMENT_MASK) == 0;
    }

    private static boolean isIpv6Udp(MemorySegment memory, long network) {
        return (memory.get(BYTE, network) & 0xf0) == 0x60
                && memory.get(BYTE, network + Ipv6Header.NEXT_HEADER) == IpProtocol.UDP;
    }
}
