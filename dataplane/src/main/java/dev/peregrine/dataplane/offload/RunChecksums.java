package dev.peregrine.dataplane.offload;

import dev.peregrine.dataplane.header.InternetChecksum;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.header.UdpHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Verifies the checksums of datagrams whose headers agree in all that {@link HeaderMask} does not ignore: the common
 * part is summed once, for the first of them.
 */
@SuppressWarnings("NullAway.Init") // prepare sets memory before every access
final class RunChecksums {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int WORD = 0xffff;

    private MemorySegment memory;
    private boolean ipv6;
    private boolean udp;
    private int ipHeaderLength;
    private long ipv4Sum;
    private long pseudoHeaderSum;

    /** Begins with the datagram whose IP header, without options or extension headers, is at {@code ip}. */
    void prepare(MemorySegment segment, long ip, boolean isIpv6, int ipLength, int protocol) {
        memory = segment;
        ipv6 = isIpv6;
        udp = protocol == IpProtocol.UDP;
        ipHeaderLength = ipLength;
        if (isIpv6) {
            pseudoHeaderSum = InternetChecksum.pseudoHeader6(segment, ip, protocol, 0);
        } else {
            pseudoHeaderSum = InternetChecksum.pseudoHeader4(segment, ip, protocol, 0);
            // Removes the fields that differ: in ones' complement, by adding their complements.
            ipv4Sum = InternetChecksum.sum(segment, ip, Ipv4Header.LENGTH) + 3 * WORD - ipv4Fields(ip);
        }
    }

    /**
     * Whether the checksums may be replaced by computed ones: they are right, or the transport checksum is the bare
     * pseudo-header sum; and a segmenter would write them in the same form.
     */
    boolean areTrusted(long ip, int transportLength) {
        long transport = ip + ipHeaderLength;
        int checksum = getShort(transport + (udp ? UdpHeader.CHECKSUM : TcpHeader.CHECKSUM));
        if (checksum == (udp ? 0 : WORD) || (!ipv6 && !isIpv4HeaderTrusted(ip))) {
            return false;
        }
        int pseudoHeader = pseudoHeader(transportLength);
        return checksum == pseudoHeader
                || InternetChecksum.fold(pseudoHeader + InternetChecksum.sum(memory, transport, transportLength))
                        == WORD;
    }

    /** The folded sum of the pseudo-header. */
    int pseudoHeader(int transportLength) {
        return InternetChecksum.fold(pseudoHeaderSum + transportLength);
    }

    private boolean isIpv4HeaderTrusted(long ip) {
        return getShort(ip + Ipv4Header.CHECKSUM) != WORD && InternetChecksum.fold(ipv4Sum + ipv4Fields(ip)) == WORD;
    }

    /** Total length, identification and header checksum: what differs between the segments of a flow. */
    private int ipv4Fields(long ip) {
        return getShort(ip + Ipv4Header.TOTAL_LENGTH)
                + getShort(ip + Ipv4Header.ID)
                + getShort(ip + Ipv4Header.CHECKSUM);
    }

    private int getShort(long position) {
        return memory.get(SHORT, position) & WORD;
    }
}
