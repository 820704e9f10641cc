package dev.peregrine.bench.wire.row;

import dev.peregrine.bench.wire.lab.Lab;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.InternetChecksum;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.vxlan.VxlanHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The payloads of datagrams of one flow that are sent together, back to back in native memory. Through an overlay each
 * carries a VXLAN header and a whole frame, as the sender's network card would leave it: inner checksums filled in, DF
 * set, IPv4 ids rising from packet to packet, also from one burst to the next. Without an overlay it is the bare
 * payload.
 *
 * <pre>
 *  0 VXLAN   8 Ethernet   22 IPv4   42 UDP   50 payload
 * </pre>
 */
final class Burst {
    private static final int FRAME = VxlanHeader.LENGTH;
    private static final int NETWORK = FRAME + EthernetHeader.LENGTH;
    private static final int ID = NETWORK + Ipv4Header.ID;
    private static final int CHECKSUM = NETWORK + Ipv4Header.CHECKSUM;
    private static final int TRANSPORT = NETWORK + Ipv4Header.LENGTH;
    private static final int PAYLOAD = TRANSPORT + UdpHeader.LENGTH;

    private static final long I_FLAG = 0x0800_0000_0000_0000L;
    private static final int TTL = 64;
    private static final int SOURCE_PORT = 20_000;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final MemorySegment memory;
    private final boolean encapsulated;
    private final int size;
    private final int count;
    /** Of the IPv4 header without its id: the same in all packets. */
    private final long headerSum;

    private int nextId;

    /**
     * Writes the datagrams.
     *
     * @param encapsulated whether they are VXLAN's
     * @param count how many
     * @param payloadBytes inner payload of each
     * @param flow gives the inner source port
     */
    Burst(Arena arena, boolean encapsulated, int count, int payloadBytes, int flow) {
        this.encapsulated = encapsulated;
        this.count = count;
        size = (encapsulated ? PAYLOAD : 0) + payloadBytes;
        memory = arena.allocate((long) count * size, 64);
        if (encapsulated) {
            writeHeaders(payloadBytes, SOURCE_PORT + flow);
            for (int i = 1; i < count; i++) {
                MemorySegment.copy(memory, 0, memory, (long) i * size, size);
            }
        }
        headerSum = encapsulated ? InternetChecksum.sum(memory, NETWORK, Ipv4Header.LENGTH) : 0;
    }

    private void writeHeaders(int payloadBytes, int sourcePort) {
        memory.set(LONG, 0, I_FLAG | (long) Lab.VNI << 8);
        writeMac(FRAME, Lab.MAC_B);
        writeMac(FRAME + EthernetHeader.SOURCE, Lab.MAC_A);
        memory.set(SHORT, FRAME + EthernetHeader.ETHER_TYPE, (short) EthernetHeader.IPV4);
        memory.set(SHORT, NETWORK, (short) (Ipv4Header.WITHOUT_OPTIONS << 8));
        memory.set(SHORT, NETWORK + Ipv4Header.TOTAL_LENGTH, (short)
                (Ipv4Header.LENGTH + UdpHeader.LENGTH + payloadBytes));
        memory.set(SHORT, NETWORK + Ipv4Header.FRAGMENT_BITS, (short) Ipv4Header.DONT_FRAGMENT);
        memory.set(SHORT, NETWORK + Ipv4Header.TTL, (short) (TTL << 8 | IpProtocol.UDP));
        memory.set(INT, NETWORK + Ipv4Header.SOURCE, Lab.INNER_A);
        memory.set(INT, NETWORK + Ipv4Header.DESTINATION, Lab.INNER_B);
        memory.set(SHORT, TRANSPORT, (short) sourcePort);
        memory.set(SHORT, TRANSPORT + UdpHeader.DESTINATION_PORT, (short) Lab.PORT);
        int length = UdpHeader.LENGTH + payloadBytes;
        memory.set(SHORT, TRANSPORT + UdpHeader.DATAGRAM_LENGTH, (short) length);
        long sum = InternetChecksum.pseudoHeader4(memory, NETWORK, IpProtocol.UDP, length)
                + InternetChecksum.sum(memory, TRANSPORT, length);
        int checksum = InternetChecksum.complement(sum);
        memory.set(SHORT, TRANSPORT + UdpHeader.CHECKSUM, (short) (checksum == 0 ? 0xffff : checksum));
    }

    private void writeMac(long position, long mac) {
        memory.set(SHORT, position, (short) (mac >>> 32));
        memory.set(INT, position + 2, (int) mac);
    }

    /** Gives the datagrams the flow's next IPv4 ids. */
    void advance() {
        if (!encapsulated) {
            return;
        }
        long position = 0;
        for (int i = 0; i < count; i++, position += size) {
            memory.set(SHORT, position + ID, (short) nextId);
            memory.set(SHORT, position + CHECKSUM, (short) InternetChecksum.complement(headerSum + nextId));
            nextId = nextId + 1 & 0xffff;
        }
    }

    /** The datagrams. */
    MemorySegment memory() {
        return memory;
    }

    /** Of one datagram, in bytes. */
    int size() {
        return size;
    }
}
