package dev.peregrine.fastpath.kernel;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.header.UdpHeader;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/** Frames and datagrams of {@link SelfTest}, written field by field, apart from what programs and chain are made of. */
final class KnownFrames {
    /** Ports of the flows. */
    static final int SOURCE_PORT = 1000;

    static final int DESTINATION_PORT = 2000;

    private static final long WORKLOAD = 0x0200_0000_0001L;
    private static final long OTHER = 0x0200_0000_0002L;
    static final int INNER_TTL = 63;
    private static final int PAYLOAD = 18;
    static final int VXLAN_BYTES = 8;

    private static final int ID = EthernetHeader.LENGTH + Ipv4Header.ID;

    private KnownFrames() {}

    /** A datagram over IPv4, in a frame without a tag. */
    static byte[] udp4(int tos) {
        int udp = UdpHeader.LENGTH + PAYLOAD;
        ByteBuffer frame = ByteBuffer.allocate(EthernetHeader.LENGTH + Ipv4Header.LENGTH + udp);
        ethernet(frame, OTHER, WORKLOAD, EthernetHeader.IPV4);
        ipv4(frame, tos, INNER_TTL, IpProtocol.UDP, udp, new byte[] {10, 0, 0, 1}, new byte[] {10, 0, 0, 2});
        udp(frame, SOURCE_PORT, DESTINATION_PORT, PAYLOAD);
        return payload(frame).array();
    }

    /** An established segment of TCP over IPv6, in a frame without a tag. */
    static byte[] tcp6(int tos) {
        int tcp = TcpHeader.LENGTH + PAYLOAD;
        ByteBuffer frame = ByteBuffer.allocate(EthernetHeader.LENGTH + Ipv6Header.LENGTH + tcp);
        ethernet(frame, OTHER, WORKLOAD, EthernetHeader.IPV6);
        byte[] source = new byte[16];
        source[0] = (byte) 0xfd;
        byte[] destination = source.clone();
        destination[15] = 1;
        ipv6(frame, tos, INNER_TTL, 0, IpProtocol.TCP, tcp, source, destination);
        frame.putShort((short) SOURCE_PORT)
                .putShort((short) DESTINATION_PORT)
                .putInt(7)
                .putInt(8);
        frame.putShort((short) (0x5000 | TcpHeader.ACK)).putShort((short) 512).putInt(0);
        return payload(frame).array();
    }

    /**
     * The Ethernet frame of a datagram with a frame in a VNI; its Ethernet header is for the loopback device, a flow
     * label the source port.
     */
    static byte[] datagram(
            InetAddress from,
            InetAddress to,
            int sourcePort,
            int port,
            int tos,
            int ttl,
            int flags,
            int vni,
            byte[] frame) {
        boolean isIpv4 = from instanceof Inet4Address;
        int header = isIpv4 ? Ipv4Header.LENGTH : Ipv6Header.LENGTH;
        int payload = VXLAN_BYTES + frame.length;
        int udp = UdpHeader.LENGTH + payload;
        ByteBuffer out = ByteBuffer.allocate(EthernetHeader.LENGTH + header + udp);
        ethernet(out, 0, WORKLOAD, isIpv4 ? EthernetHeader.IPV4 : EthernetHeader.IPV6);
        if (isIpv4) {
            ipv4(out, tos, ttl, IpProtocol.UDP, udp, from.getAddress(), to.getAddress());
            out.putShort(EthernetHeader.LENGTH + Ipv4Header.FRAGMENT_BITS, (short) flags);
            checksum(out);
        } else {
            ipv6(out, tos, ttl, sourcePort, IpProtocol.UDP, udp, from.getAddress(), to.getAddress());
        }
        udp(out, sourcePort, port, payload);
        return out.putInt(0x0800_0000).putInt(vni << Byte.SIZE).put(frame).array();
    }

    /** Gives a datagram over IPv4 the identification of another one, which is random where it may be cut. */
    static void identify(byte[] datagram, byte[] other) {
        System.arraycopy(other, ID, datagram, ID, Short.BYTES);
        checksum(ByteBuffer.wrap(datagram));
    }

    private static void ethernet(ByteBuffer to, long destination, long source, int type) {
        to.putShort((short) (destination >>> 32)).putInt((int) destination);
        to.putShort((short) (source >>> 32)).putInt((int) source).putShort((short) type);
    }

    private static void ipv4(
            ByteBuffer to, int tos, int ttl, int protocol, int payload, byte[] source, byte[] destination) {
        to.put((byte) Ipv4Header.WITHOUT_OPTIONS).put((byte) tos).putShort((short) (Ipv4Header.LENGTH + payload));
        to.putInt(0).put((byte) ttl).put((byte) protocol).putShort((short) 0);
        to.put(source).put(destination);
        checksum(to);
    }

    /** Of the IPv4 header behind the Ethernet header (RFC 791). */
    private static void checksum(ByteBuffer frame) {
        int at = EthernetHeader.LENGTH + Ipv4Header.CHECKSUM;
        frame.putShort(at, (short) 0);
        int sum = 0;
        for (int i = 0; i < Ipv4Header.LENGTH; i += Short.BYTES) {
            sum += Short.toUnsignedInt(frame.getShort(EthernetHeader.LENGTH + i));
        }
        sum = (sum & 0xffff) + (sum >>> Short.SIZE);
        sum = (sum & 0xffff) + (sum >>> Short.SIZE);
        frame.putShort(at, (short) ~sum);
    }

    private static void ipv6(
            ByteBuffer to, int tos, int ttl, int label, int protocol, int payload, byte[] source, byte[] destination) {
        to.putInt(6 << 28 | tos << 20 | label)
                .putShort((short) payload)
                .put((byte) protocol)
                .put((byte) ttl);
        to.put(source).put(destination);
    }

    private static void udp(ByteBuffer to, int source, int destination, int payload) {
        to.putShort((short) source).putShort((short) destination);
        to.putShort((short) (UdpHeader.LENGTH + payload)).putShort((short) 0);
    }

    private static ByteBuffer payload(ByteBuffer to) {
        for (int i = 0; to.hasRemaining(); i++) {
            to.put((byte) (i * 37 + 11));
        }
        return to;
    }
}
