package dev.peregrine.dataplane.offload;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.InternetChecksum;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.header.UdpHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Adjacent datagrams of an {@link Aggregate} that become one superframe: inner TCP or UDP segments of one flow, by the
 * rules of Linux GRO, but stricter where those would lose a byte (window and urgent pointer must be equal, too).
 *
 * <ul>
 *   <li>All header bytes are equal, except those that {@link HeaderMask} names; no VLAN tag, IPv4 option, IPv6
 *       extension header or fragment.
 *   <li>Payloads have one size, not zero; only the last may be shorter.
 *   <li>IPv4 identifications rise by one, or are constant with don't-fragment.
 *   <li>TCP: in sequence; no flag but ACK and ECE, and PSH or FIN in the last.
 *   <li>Header checksums are correct, and transport checksums are correct or the bare pseudo-header sum. Checksums in a
 *       form that a segmenter would not reproduce (TCP or IPv4 0xffff; UDP 0) end the run.
 * </ul>
 */
@SuppressWarnings("NullAway.Init") // begin sets memory and mask before every access
final class Run {
    private static final int MAX_SEGMENTS = 64;
    private static final int MAX_IP_LENGTH = 65_535;
    private static final int LAST_FLAGS = TcpHeader.PSH | TcpHeader.FIN;
    private static final int ALLOWED_FLAGS = TcpHeader.ACK | TcpHeader.ECE | LAST_FLAGS;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final int ipIndex;
    private final HeaderMask[] masks;
    private final RunChecksums checksums = new RunChecksums();

    private MemorySegment memory;
    private HeaderMask mask;
    private long head;
    private int length;
    private boolean ipv6;
    private int ipHeaderLength;
    private int protocol;
    private int headerLength;
    private int size;
    private int payload;
    private int lastFlags;
    private boolean fixedId;
    private boolean closed;

    Run(int prefixLength) {
        ipIndex = prefixLength + EthernetHeader.LENGTH;
        masks = new HeaderMask[] {
            HeaderMask.of(prefixLength, false, false),
            HeaderMask.of(prefixLength, false, true),
            HeaderMask.of(prefixLength, true, false),
            HeaderMask.of(prefixLength, true, true)
        };
    }

    /**
     * Gathers the longest run that begins with datagram {@code from}.
     *
     * @return the index of the first datagram behind the run
     */
    int gather(Aggregate aggregate, int from) {
        int end = from + 1;
        if (end == aggregate.size() || !begin(aggregate.memory(), aggregate.position(from), aggregate.length(from))) {
            return end;
        }
        while (end < aggregate.size() && append(aggregate.position(end), aggregate.length(end))) {
            end++;
        }
        return end;
    }

    /** Bytes in front of the payload: tunnel prefix, Ethernet, IP and transport header. */
    int headerLength() {
        return headerLength;
    }

    private boolean begin(MemorySegment segment, long position, int datagramLength) {
        memory = segment;
        head = position;
        length = datagramLength;
        int etherType = datagramLength < ipIndex + Ipv4Header.LENGTH + UdpHeader.LENGTH
                ? 0
                : getShort(position + ipIndex - Short.BYTES);
        if (etherType != EthernetHeader.IPV4 && etherType != EthernetHeader.IPV6) {
            return false;
        }
        ipv6 = etherType == EthernetHeader.IPV6;
        return (ipv6 ? beginIpv6() : beginIpv4()) && beginTransport();
    }

    private boolean beginIpv4() {
        long ip = head + ipIndex;
        ipHeaderLength = Ipv4Header.LENGTH;
        protocol = getByte(ip + Ipv4Header.PROTOCOL);
        return getByte(ip) == Ipv4Header.WITHOUT_OPTIONS
                && getShort(ip + Ipv4Header.TOTAL_LENGTH) == length - ipIndex
                && (getShort(ip + Ipv4Header.FRAGMENT_BITS) & ~Ipv4Header.DONT_FRAGMENT) == 0;
    }

    private boolean beginIpv6() {
        long ip = head + ipIndex;
        ipHeaderLength = Ipv6Header.LENGTH;
        protocol = getByte(ip + Ipv6Header.NEXT_HEADER);
        return getByte(ip) >>> 4 == 6
                && getShort(ip + Ipv6Header.PAYLOAD_LENGTH) == length - ipIndex - Ipv6Header.LENGTH;
    }

    private boolean beginTransport() {
        boolean udp = protocol == IpProtocol.UDP;
        int fixedLength = udp ? UdpHeader.LENGTH : TcpHeader.LENGTH;
        int transportIndex = ipIndex + ipHeaderLength;
        if ((!udp && protocol != IpProtocol.TCP) || length <= transportIndex + fixedLength) {
            return false;
        }
        long transport = head + transportIndex;
        int transportHeader =
                udp ? UdpHeader.LENGTH : TcpHeader.headerLength(getByte(transport + TcpHeader.OFFSET_AND_FLAGS));
        int offsetAndFlags = udp ? 0 : getShort(transport + TcpHeader.OFFSET_AND_FLAGS) & 0xfff;
        headerLength = transportIndex + transportHeader;
        payload = length - headerLength;
        size = 1;
        fixedId = false;
        lastFlags = offsetAndFlags & LAST_FLAGS;
        mask = masks[(ipv6 ? 2 : 0) + (udp ? 1 : 0)];
        boolean open = udp
                ? getShort(transport + UdpHeader.DATAGRAM_LENGTH) == length - transportIndex
                : (offsetAndFlags & ~ALLOWED_FLAGS) == 0 && (offsetAndFlags & TcpHeader.ACK) != 0 && lastFlags == 0;
        closed = false;
        return open && transportHeader >= fixedLength && payload > 0;
    }

    private boolean append(long position, int datagramLength) {
        int segmentPayload = datagramLength - headerLength;
        if (closed
                || datagramLength > length
                || segmentPayload <= 0
                || headerLength - ipIndex + payload + segmentPayload > MAX_IP_LENGTH
                || !mask.matches(memory, head, position, headerLength)
                || !follows(position, datagramLength)) {
            return false;
        }
        // Payloads are read last, and only those of datagrams that would merge, since reading them is expensive.
        if ((size == 1 && !isHeadTrusted()) || !isTrusted(position, datagramLength)) {
            return false;
        }
        size++;
        payload += segmentPayload;
        lastFlags = flags(position);
        closed = datagramLength < length || lastFlags != 0 || size == MAX_SEGMENTS;
        return true;
    }

    /** Whether lengths, identification and sequence number are what the next segment must have. */
    private boolean follows(long position, int datagramLength) {
        long ip = position + ipIndex;
        long transport = ip + ipHeaderLength;
        int ipLength = ipv6
                ? getShort(ip + Ipv6Header.PAYLOAD_LENGTH) + Ipv6Header.LENGTH
                : getShort(ip + Ipv4Header.TOTAL_LENGTH);
        if (ipLength != datagramLength - ipIndex || (!ipv6 && !idFollows(ip))) {
            return false;
        }
        return protocol == IpProtocol.UDP
                ? getShort(transport + UdpHeader.DATAGRAM_LENGTH) == ipLength - ipHeaderLength
                : getInt(transport + TcpHeader.SEQUENCE)
                        == getInt(head + ipIndex + ipHeaderLength + TcpHeader.SEQUENCE) + payload;
    }

    private boolean idFollows(long ip) {
        int distance = (getShort(ip + Ipv4Header.ID) - getShort(head + ipIndex + Ipv4Header.ID)) & 0xffff;
        if (size == 1) {
            fixedId = distance == 0 && (getShort(ip + Ipv4Header.FRAGMENT_BITS) & Ipv4Header.DONT_FRAGMENT) != 0;
        }
        return distance == (fixedId ? 0 : size);
    }

    private boolean isHeadTrusted() {
        checksums.prepare(memory, head + ipIndex, ipv6, ipHeaderLength, protocol);
        return isTrusted(head, length);
    }

    private boolean isTrusted(long position, int datagramLength) {
        return checksums.areTrusted(position + ipIndex, datagramLength - ipIndex - ipHeaderLength);
    }

    private int flags(long position) {
        return protocol == IpProtocol.UDP
                ? 0
                : getByte(position + ipIndex + ipHeaderLength + TcpHeader.FLAGS) & LAST_FLAGS;
    }

    /** Makes the first datagram's headers those of the superframe; its transport checksum becomes partial. */
    void seal() {
        long ip = head + ipIndex;
        long transport = ip + ipHeaderLength;
        int ipLength = headerLength - ipIndex + payload;
        int transportLength = ipLength - ipHeaderLength;
        if (ipv6) {
            setShort(ip + Ipv6Header.PAYLOAD_LENGTH, ipLength - Ipv6Header.LENGTH);
        } else {
            setShort(
                    ip + Ipv4Header.CHECKSUM,
                    InternetChecksum.update(
                            getShort(ip + Ipv4Header.CHECKSUM), getShort(ip + Ipv4Header.TOTAL_LENGTH), ipLength));
            setShort(ip + Ipv4Header.TOTAL_LENGTH, ipLength);
        }
        if (protocol == IpProtocol.UDP) {
            setShort(transport + UdpHeader.DATAGRAM_LENGTH, transportLength);
            setShort(transport + UdpHeader.CHECKSUM, checksums.pseudoHeader(transportLength));
        } else {
            setShort(
                    transport + TcpHeader.OFFSET_AND_FLAGS,
                    getShort(transport + TcpHeader.OFFSET_AND_FLAGS) | lastFlags);
            setShort(transport + TcpHeader.CHECKSUM, checksums.pseudoHeader(transportLength));
        }
    }

    private int getByte(long position) {
        return memory.get(ValueLayout.JAVA_BYTE, position) & 0xff;
    }

    private int getShort(long position) {
        return memory.get(SHORT, position) & 0xffff;
    }

    private int getInt(long position) {
        return memory.get(INT, position);
    }

    private void setShort(long position, int value) {
        memory.set(SHORT, position, (short) value);
    }
}
