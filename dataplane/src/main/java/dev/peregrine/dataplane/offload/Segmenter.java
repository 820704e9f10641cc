package dev.peregrine.dataplane.offload;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.InternetChecksum;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.dataplane.packet.Packet;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Generic segmentation offload: writes the headers of each segment, as Linux does, and leaves the payload where it is.
 *
 * <p>Lengths, IPv4 identification (rising by one) and header checksum, TCP sequence number and flags (PSH and FIN in
 * the last segment only, CWR in the first only) are each segment's own; its transport checksum is complete. A plain
 * frame gets nothing but that checksum. Allocates nothing; belongs to one worker.
 */
@SuppressWarnings("NullAway.Init") // scratch is set before every access
public final class Segmenter {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int LAST_FLAGS = TcpHeader.PSH | TcpHeader.FIN;

    private MemorySegment scratch;
    private boolean ipv4;
    private boolean tcp;
    private int protocol;
    private int network;
    private int transport;
    private int headerLength;
    private int id;
    private int sequence;
    private int flags;
    private long ipSum;
    private long transportSum;

    /**
     * Writes {@link Packet#wirePackets} header blocks one behind the other, each of them all bytes of the head in front
     * of the TCP or UDP payload, {@link Dissector#payloadIndex} of them. The payload of segment 0 is the rest of the
     * head, that of segment k is fragment k - 1.
     *
     * @param packet a dissected superframe, or a plain TCP or UDP frame whose checksum is partial
     * @param scratch room for {@code segments()} blocks; not the packet's own memory
     * @param at position of the first block in {@code scratch}
     * @return bytes of one block; negative, with nothing written, when {@link Dissector#payloadIndex} is
     */
    public int write(Packet packet, MemorySegment scratch, long at) {
        return write(packet, scratch, at, 0, packet.wirePackets());
    }

    /** As {@link #write(Packet, MemorySegment, long)}, for segments {@code from} to {@code to - 1} only. */
    public int write(Packet packet, MemorySegment scratch, long at, int from, int to) {
        headerLength = Dissector.payloadIndex(packet);
        if (headerLength < 0) {
            return headerLength;
        }
        this.scratch = scratch;
        prepare(packet, at);
        if (!packet.isSuperframe()) {
            writePlain(packet, at);
            return headerLength;
        }
        int last = packet.wirePackets() - 1;
        for (int i = from; i < to; i++) {
            long block = at + (long) (i - from) * headerLength;
            long payload = i == 0 ? packet.offset() + headerLength : packet.sliceOffset(i - 1);
            int length = i == 0 ? packet.headLength() - headerLength : packet.sliceLength(i - 1);
            MemorySegment.copy(packet.memory(), packet.offset(), scratch, block, headerLength);
            writeNetwork(block, length, i);
            writeTransport(block, length, i * packet.segmentSize(), i == 0, i == last);
            writeChecksum(block, InternetChecksum.sum(packet.memory(), payload, length), length);
        }
        return headerLength;
    }

    /** Reads the fields that all segments share, and sums their headers without the fields that differ. */
    private void prepare(Packet packet, long at) {
        ipv4 = Dissector.isIpv4(packet);
        protocol = packet.protocol();
        tcp = protocol == IpProtocol.TCP;
        network = packet.networkIndex();
        transport = packet.transportIndex();
        MemorySegment.copy(packet.memory(), packet.offset(), scratch, at, headerLength);
        long ip = at + network;
        long header = at + transport;
        if (ipv4) {
            id = packet.getShort(network + Ipv4Header.ID);
            setShort(ip + Ipv4Header.TOTAL_LENGTH, 0);
            setShort(ip + Ipv4Header.ID, 0);
            setShort(ip + Ipv4Header.CHECKSUM, 0);
            ipSum = InternetChecksum.sum(scratch, ip, Ipv4Header.headerLength(packet.getByte(network)));
            transportSum = InternetChecksum.pseudoHeader4(scratch, ip, protocol, 0);
        } else {
            transportSum = InternetChecksum.pseudoHeader6(scratch, ip, protocol, 0);
        }
        if (tcp) {
            sequence = packet.getInt(transport + TcpHeader.SEQUENCE);
            flags = packet.getShort(transport + TcpHeader.OFFSET_AND_FLAGS);
            scratch.set(INT, header + TcpHeader.SEQUENCE, 0);
            setShort(header + TcpHeader.OFFSET_AND_FLAGS, 0);
            setShort(header + TcpHeader.CHECKSUM, 0);
        } else {
            setShort(header + UdpHeader.DATAGRAM_LENGTH, 0);
            setShort(header + UdpHeader.CHECKSUM, 0);
        }
        transportSum += InternetChecksum.sum(scratch, header, headerLength - transport);
    }

    private void writePlain(Packet packet, long at) {
        MemorySegment.copy(packet.memory(), packet.offset(), scratch, at, headerLength);
        int length = Dissector.ipEnd(packet) - headerLength;
        long payload = InternetChecksum.sum(packet.memory(), packet.offset() + headerLength, length);
        writeChecksum(at, payload, length);
    }

    private void writeNetwork(long block, int payloadLength, int segment) {
        long ip = block + network;
        int ipLength = headerLength - network + payloadLength;
        if (ipv4) {
            int segmentId = (id + segment) & 0xffff;
            setShort(ip + Ipv4Header.TOTAL_LENGTH, ipLength);
            setShort(ip + Ipv4Header.ID, segmentId);
            setShort(ip + Ipv4Header.CHECKSUM, InternetChecksum.complement(ipSum + ipLength + segmentId));
        } else {
            setShort(ip + Ipv6Header.PAYLOAD_LENGTH, ipLength - Ipv6Header.LENGTH);
        }
    }

    private void writeTransport(long block, int payloadLength, int sent, boolean first, boolean last) {
        long header = block + transport;
        if (tcp) {
            int cleared = (first ? 0 : TcpHeader.CWR) | (last ? 0 : LAST_FLAGS);
            scratch.set(INT, header + TcpHeader.SEQUENCE, sequence + sent);
            setShort(header + TcpHeader.OFFSET_AND_FLAGS, flags & ~cleared);
        } else {
            setShort(header + UdpHeader.DATAGRAM_LENGTH, headerLength - transport + payloadLength);
        }
    }

    /** Completes the checksum of a block whose other fields are set. */
    private void writeChecksum(long block, long payloadSum, int payloadLength) {
        long header = block + transport;
        int length = headerLength - transport + payloadLength;
        long sum = transportSum + payloadSum + length;
        if (tcp) {
            sum += (scratch.get(INT, header + TcpHeader.SEQUENCE) & 0xffff_ffffL)
                    + (scratch.get(SHORT, header + TcpHeader.OFFSET_AND_FLAGS) & 0xffff);
            setShort(header + TcpHeader.CHECKSUM, TransportChecksum.checksum(sum, protocol));
        } else {
            sum += scratch.get(SHORT, header + UdpHeader.DATAGRAM_LENGTH) & 0xffff;
            setShort(header + UdpHeader.CHECKSUM, TransportChecksum.checksum(sum, protocol));
        }
    }

    private void setShort(long position, int value) {
        scratch.set(SHORT, position, (short) value);
    }
}
