package dev.peregrine.dataplane.offload;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.header.UdpHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The bits of the headers that must be equal in all segments of a superframe: every bit of tunnel prefix, Ethernet, IP
 * and transport header, but for the few fields that a segmenter computes.
 */
final class HeaderMask {
    private static final int MAX_TCP_LENGTH = 60;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final MemorySegment mask;

    private HeaderMask(int ipIndex, int ipLength) {
        byte[] bits = new byte[ipIndex + ipLength + MAX_TCP_LENGTH];
        Arrays.fill(bits, (byte) 0xff);
        mask = MemorySegment.ofArray(bits);
    }

    /** The mask for IPv4 or IPv6 behind {@code prefixLength} bytes and an Ethernet header. */
    static HeaderMask of(int prefixLength, boolean ipv6, boolean udp) {
        int ip = prefixLength + EthernetHeader.LENGTH;
        int ipLength = ipv6 ? Ipv6Header.LENGTH : Ipv4Header.LENGTH;
        HeaderMask made = new HeaderMask(ip, ipLength);
        if (ipv6) {
            made.ignore(ip + Ipv6Header.PAYLOAD_LENGTH, Short.BYTES);
        } else {
            made.ignore(ip + Ipv4Header.TOTAL_LENGTH, Short.BYTES);
            made.ignore(ip + Ipv4Header.ID, Short.BYTES);
            made.ignore(ip + Ipv4Header.CHECKSUM, Short.BYTES);
        }
        int transport = ip + ipLength;
        if (udp) {
            made.ignore(transport + UdpHeader.DATAGRAM_LENGTH, Short.BYTES);
            made.ignore(transport + UdpHeader.CHECKSUM, Short.BYTES);
        } else {
            made.ignore(transport + TcpHeader.SEQUENCE, Integer.BYTES);
            made.ignore(transport + TcpHeader.CHECKSUM, Short.BYTES);
            made.mask.set(ValueLayout.JAVA_BYTE, transport + TcpHeader.FLAGS, (byte) ~(TcpHeader.PSH | TcpHeader.FIN));
        }
        return made;
    }

    private void ignore(int index, int bytes) {
        mask.asSlice(index, bytes).fill((byte) 0);
    }

    /** Whether the {@code length} header bytes at {@code left} and {@code right}, at least 8, agree. */
    boolean matches(MemorySegment memory, long left, long right, int length) {
        // The first 8 bytes have no ignored bit, so they are compared separately from the steps that end with the
        // block.
        long difference = memory.get(LONG, left) ^ memory.get(LONG, right);
        for (int i = length & 7; i < length; i += Long.BYTES) {
            difference |= (memory.get(LONG, left + i) ^ memory.get(LONG, right + i)) & mask.get(LONG, i);
        }
        return difference == 0;
    }
}
