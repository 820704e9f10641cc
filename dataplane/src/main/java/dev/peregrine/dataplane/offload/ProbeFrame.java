package dev.peregrine.dataplane.offload;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.InternetChecksum;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/**
 * A frame with constant content, which shows how a kernel changes it: a superframe whose last segment is shorter than
 * the others, or a plain frame; its checksum is partial. The IPv4 identification and the TCP sequence number wrap
 * within a superframe. The addresses are for documentation (RFC 5737, RFC 3849).
 *
 * @param protocol {@link IpProtocol#TCP} or {@link IpProtocol#UDP}
 * @param flags of TCP
 * @param segments 1 for a plain frame
 */
public record ProbeFrame(boolean ipv6, int protocol, int flags, int segments) {
    /** The source MAC of all of them, locally administered. */
    public static final long SOURCE = 0x0200_0000_2a01L;

    private static final long DESTINATION = 0x0200_0000_2a02L;
    private static final int SEGMENTS = 10;
    private static final int SEGMENT_SIZE = 1300;
    private static final int LAST_SEGMENT_SIZE = 555;
    private static final int SOURCE_PORT = 49_152;
    private static final int DISCARD_PORT = 9;
    private static final int HOP_LIMIT = 64;
    private static final int LAST_IDS = 0xfffa;
    private static final int LAST_SEQUENCE_NUMBERS = 0xffff_f000;

    /** A TCP superframe: an acknowledging one that ends with a push, and more flags. */
    public static ProbeFrame tcp(boolean ipv6, int moreFlags) {
        return new ProbeFrame(ipv6, IpProtocol.TCP, TcpHeader.ACK | TcpHeader.PSH | moreFlags, SEGMENTS);
    }

    /** A UDP superframe. */
    public static ProbeFrame udp(boolean ipv6) {
        return new ProbeFrame(ipv6, IpProtocol.UDP, 0, SEGMENTS);
    }

    /** A plain UDP frame. */
    public static ProbeFrame plain(boolean ipv6) {
        return new ProbeFrame(ipv6, IpProtocol.UDP, 0, 1);
    }

    /**
     * Writes it into a packet of the pool, dissected, ready for a {@link Segmenter}.
     *
     * @param prefix a tunnel header to stand in front of it; may be empty
     */
    public Packet in(PacketPool pool, byte[] prefix) {
        Packet packet = pool.acquire();
        if (packet == null) {
            throw new IllegalStateException("the pool is empty");
        }
        byte[] frame = bytes();
        packet.put(prefix.length + frame.length);
        MemorySegment.copy(prefix, 0, packet.memory(), ValueLayout.JAVA_BYTE, packet.offset(), prefix.length);
        MemorySegment.copy(
                frame, 0, packet.memory(), ValueLayout.JAVA_BYTE, packet.offset() + prefix.length, frame.length);
        Dissector.dissect(packet, prefix.length);
        if (!ipv6) {
            int network = packet.networkIndex();
            long sum = InternetChecksum.sum(packet.memory(), packet.offset() + network, Ipv4Header.LENGTH);
            packet.setShort(network + Ipv4Header.CHECKSUM, InternetChecksum.complement(sum));
        }
        TransportChecksum.makePartial(packet);
        return segments == 1 ? packet : packet.cut(Dissector.payloadIndex(packet), SEGMENT_SIZE);
    }

    private byte[] bytes() {
        int payload = (segments - 1) * SEGMENT_SIZE + LAST_SEGMENT_SIZE;
        boolean tcp = protocol == IpProtocol.TCP;
        int transport = (tcp ? TcpHeader.LENGTH : UdpHeader.LENGTH) + payload;
        int network = ipv6 ? Ipv6Header.LENGTH : Ipv4Header.LENGTH;
        ByteBuffer frame = ByteBuffer.allocate(EthernetHeader.LENGTH + network + transport);
        frame.putShort((short) (DESTINATION >>> Integer.SIZE)).putInt((int) DESTINATION);
        frame.putShort((short) (SOURCE >>> Integer.SIZE)).putInt((int) SOURCE);
        if (ipv6) {
            putIpv6(frame, transport);
        } else {
            putIpv4(frame, transport);
        }
        frame.putShort((short) SOURCE_PORT).putShort((short) DISCARD_PORT);
        if (tcp) {
            frame.putInt(LAST_SEQUENCE_NUMBERS).putInt(1);
            frame.putShort((short) (TcpHeader.LENGTH << 10 | flags)).putShort((short) 512);
            frame.putInt(0);
        } else {
            frame.putShort((short) transport).putShort((short) 0);
        }
        for (int i = 0; i < payload; i++) {
            frame.put((byte) (i * 31 + (i >>> 8)));
        }
        return frame.array();
    }

    private void putIpv4(ByteBuffer frame, int length) {
        frame.putShort((short) EthernetHeader.IPV4);
        frame.putShort((short) 0x4500).putShort((short) (Ipv4Header.LENGTH + length));
        frame.putShort((short) LAST_IDS).putShort((short) 0);
        frame.put((byte) HOP_LIMIT).put((byte) protocol).putShort((short) 0);
        frame.putInt(0xc000_0201).putInt(0xc000_0202);
    }

    private void putIpv6(ByteBuffer frame, int length) {
        frame.putShort((short) EthernetHeader.IPV6);
        frame.putInt(0x6000_0000).putShort((short) length);
        frame.put((byte) protocol).put((byte) HOP_LIMIT);
        frame.putLong(0x2001_0db8_0000_0000L).putLong(1);
        frame.putLong(0x2001_0db8_0000_0000L).putLong(2);
    }
}
