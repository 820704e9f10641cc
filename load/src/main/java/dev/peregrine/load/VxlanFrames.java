package dev.peregrine.load;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.InternetChecksum;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.UdpHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes VXLAN datagrams around stamped UDP payloads: a template, patched per datagram. All inner checksums are right;
 * they are summed up from parts that are known beforehand and the few words that change.
 *
 * <pre>
 *   0       8          22                  42 or 62   50 or 70
 *  +-------+----------+-------------------+----------+--------------------+
 *  | VXLAN | Ethernet | IPv4 (20), DF set |   UDP    | stamp, then zeros  |
 *  |       |          | or IPv6 (40)      |          |                    |
 *  +-------+----------+-------------------+----------+--------------------+
 * </pre>
 *
 * <p>The IPv4 identification counts up with the flow's sequence number, as a host's does.
 */
public final class VxlanFrames {
    /** Index of the flags in a datagram. */
    public static final int VXLAN_FLAGS = 0;

    /** Index of the 24-bit VNI. */
    public static final int VNI = 4;

    /** Index of the inner frame. */
    public static final int FRAME = 8;

    /** Index of the inner network header. */
    public static final int NETWORK = FRAME + EthernetHeader.LENGTH;

    private static final int IPV4_TOTAL_LENGTH = NETWORK + Ipv4Header.TOTAL_LENGTH;
    private static final int IPV4_ID = NETWORK + Ipv4Header.ID;
    private static final int IPV4_CHECKSUM = NETWORK + Ipv4Header.CHECKSUM;
    private static final int IPV4_SOURCE = NETWORK + Ipv4Header.SOURCE;
    private static final int IPV6_PAYLOAD_LENGTH = NETWORK + Ipv6Header.PAYLOAD_LENGTH;
    private static final int IPV6_LAST_OF_SOURCE = NETWORK + Ipv6Header.SOURCE_LOW + Integer.BYTES;
    private static final int HOP_LIMIT = 64;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final long LOW = 0xffff_ffffL;

    private final boolean ipv6;
    private final int udp;
    private final int overhead;
    private final MemorySegment template;
    private final MemorySegment zeros;
    private final int firstPort;
    private final int ports;
    private final int firstAddress;
    /** Of the IPv4 header without total length, identification and source. */
    private final long networkSum;
    /** Of the UDP pseudo-header and header without the lengths, the source port and the low 32 bits of the source. */
    private final long transportSum;

    /**
     * A template.
     *
     * @param source the first flow's source; other flows have higher ports, then higher addresses
     * @param ecn whether inner packets are ECT(0)
     * @param largestPayload bytes
     * @param memory keeps the template and the zeros
     */
    public VxlanFrames(int vni, InnerEnd source, InnerEnd destination, boolean ecn, int largestPayload, Arena memory) {
        ipv6 = destination.isIpv6();
        udp = NETWORK + (ipv6 ? Ipv6Header.LENGTH : Ipv4Header.LENGTH);
        overhead = udp + UdpHeader.LENGTH;
        firstPort = source.port();
        ports = 0x10000 - firstPort;
        byte[] address = source.address();
        firstAddress = ByteBuffer.wrap(address).getInt(address.length - 4);
        template = memory.allocate(overhead, 8);
        MemorySegment.copy(MemorySegment.ofArray(template(vni, source, destination, ecn)), 0, template, 0, overhead);
        zeros = memory.allocate(largestPayload, 8);
        networkSum = ipv6 ? 0 : InternetChecksum.sum(template, NETWORK, Ipv4Header.LENGTH);
        int addresses = ipv6 ? 32 : 8;
        transportSum = InternetChecksum.sum(template, udp - addresses, addresses + UdpHeader.LENGTH) + IpProtocol.UDP;
    }

    /** The headers, with zeros in the fields that {@link #write} fills in. */
    private byte[] template(int vni, InnerEnd source, InnerEnd destination, boolean ecn) {
        ByteBuffer bytes = ByteBuffer.allocate(overhead);
        int ecnBits = ecn ? 2 : 0;
        bytes.putLong(0x0800_0000_0000_0000L | ((long) vni << 8));
        bytes.putShort((short) (destination.mac().value() >>> 32));
        bytes.putInt((int) destination.mac().value());
        bytes.putShort((short) (source.mac().value() >>> 32));
        bytes.putInt((int) source.mac().value());
        byte[] address = source.address();
        if (ipv6) {
            bytes.putShort((short) EthernetHeader.IPV6)
                    .putInt(0x6000_0000 | (ecnBits << 20))
                    .putShort((short) 0);
            bytes.put((byte) IpProtocol.UDP)
                    .put((byte) HOP_LIMIT)
                    .put(address, 0, 12)
                    .putInt(0);
        } else {
            bytes.putShort((short) EthernetHeader.IPV4)
                    .putShort((short) (Ipv4Header.WITHOUT_OPTIONS << 8 | ecnBits))
                    .putInt(0)
                    .putShort((short) Ipv4Header.DONT_FRAGMENT);
            bytes.put((byte) HOP_LIMIT)
                    .put((byte) IpProtocol.UDP)
                    .putShort((short) 0)
                    .putInt(0);
        }
        bytes.put(destination.address());
        bytes.putShort((short) 0).putShort((short) destination.port());
        return bytes.array();
    }

    /** Bytes of a datagram in front of the inner payload. */
    public int overhead() {
        return overhead;
    }

    /**
     * Writes a datagram of {@link #overhead} and {@code payload} bytes.
     *
     * @param identity chooses the source port and address
     * @param id the flow in the stamp
     */
    public void write(MemorySegment memory, long at, int identity, int id, long sequence, long nanos, int payload) {
        MemorySegment.copy(template, 0, memory, at, overhead);
        int port = firstPort + identity % ports;
        int address = firstAddress + identity / ports;
        if (ipv6) {
            memory.set(SHORT, at + IPV6_PAYLOAD_LENGTH, (short) (payload + UdpHeader.LENGTH));
            memory.set(INT, at + IPV6_LAST_OF_SOURCE, address);
        } else {
            writeIpv4(memory, at, address, (int) sequence & 0xffff, payload + UdpHeader.LENGTH + Ipv4Header.LENGTH);
        }
        long head = Stamp.head(id, sequence);
        long middle = Stamp.middle(sequence, nanos);
        long sum = transportSum
                + (address & LOW)
                + port
                + 2L * (payload + UdpHeader.LENGTH)
                + (head >>> 32)
                + (head & LOW)
                + (middle >>> 32)
                + (middle & LOW)
                + (nanos & 0xffff);
        int checksum = InternetChecksum.complement(sum);
        memory.set(SHORT, at + udp, (short) port);
        memory.set(SHORT, at + udp + UdpHeader.DATAGRAM_LENGTH, (short) (payload + UdpHeader.LENGTH));
        memory.set(SHORT, at + udp + UdpHeader.CHECKSUM, (short) (checksum == 0 ? 0xffff : checksum));
        memory.set(LONG, at + overhead, head);
        memory.set(LONG, at + overhead + 8, middle);
        memory.set(SHORT, at + overhead + 16, (short) nanos);
        if (payload > Stamp.LENGTH) {
            MemorySegment.copy(zeros, 0, memory, at + overhead + Stamp.LENGTH, payload - Stamp.LENGTH);
        }
    }

    private void writeIpv4(MemorySegment memory, long at, int address, int id, int totalLength) {
        long sum = networkSum + (address & LOW) + id + totalLength;
        memory.set(SHORT, at + IPV4_TOTAL_LENGTH, (short) totalLength);
        memory.set(SHORT, at + IPV4_ID, (short) id);
        memory.set(SHORT, at + IPV4_CHECKSUM, (short) InternetChecksum.complement(sum));
        memory.set(INT, at + IPV4_SOURCE, address);
    }
}
