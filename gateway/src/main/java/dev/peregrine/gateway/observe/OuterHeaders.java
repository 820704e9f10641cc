package dev.peregrine.gateway.observe;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.InternetChecksum;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.observe.FrameRecord;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * The headers in front of the tunnel header, written anew for captures: a UDP socket does not show them. Addresses, TOS
 * and TTL are right, as far as they are known; MAC addresses, the IPv4 identification, the far side's UDP port and the
 * UDP checksum are zero.
 */
final class OuterHeaders {
    private static final int UDP = 8;
    private static final int IPV6 = 40;
    private static final int USUAL_TTL = 64;

    private final InetAddress local;
    private final int port;
    private final VtepTable vteps;

    /**
     * The headers of one gateway.
     *
     * @param local this VTEP's address
     * @param port its UDP port
     */
    OuterHeaders(InetAddress local, int port, VtepTable vteps) {
        this.local = local;
        this.port = port;
        this.vteps = vteps;
    }

    /** The headers of a datagram that begins with a tunnel header. */
    byte[] of(FrameRecord record) {
        boolean isIpv4 = local instanceof Inet4Address;
        byte[] remote = remote(record.port(), isIpv4);
        boolean isOut = record.direction() == FrameRecord.OUT;
        byte[] source = isOut ? local.getAddress() : remote;
        byte[] destination = isOut ? remote : local.getAddress();
        int datagram = UDP + record.length();
        int ttl = record.ttl() == 0 ? USUAL_TTL : record.ttl();
        ByteBuffer out = ByteBuffer.allocate(EthernetHeader.LENGTH + (isIpv4 ? Ipv4Header.LENGTH : IPV6) + UDP);
        out.position(EthernetHeader.ETHER_TYPE).putShort((short) (isIpv4 ? EthernetHeader.IPV4 : EthernetHeader.IPV6));
        if (isIpv4) {
            ipv4(out, record.tos(), ttl, Ipv4Header.LENGTH + datagram, source, destination);
        } else {
            out.putInt((6 << 28) | (record.tos() << 20)).putShort((short) datagram);
            out.put((byte) IpProtocol.UDP).put((byte) ttl).put(source).put(destination);
        }
        out.putShort((short) 0)
                .putShort((short) port)
                .putShort((short) datagram)
                .putShort((short) 0);
        return out.array();
    }

    private static void ipv4(ByteBuffer out, int tos, int ttl, int length, byte[] source, byte[] destination) {
        int at = out.position();
        out.put((byte) Ipv4Header.WITHOUT_OPTIONS).put((byte) tos).putShort((short) length);
        out.putShort((short) 0).putShort((short) Ipv4Header.DONT_FRAGMENT).put((byte) ttl);
        out.put((byte) IpProtocol.UDP).putShort((short) 0).put(source).put(destination);
        long sum = InternetChecksum.sum(MemorySegment.ofBuffer(out.duplicate().clear()), at, Ipv4Header.LENGTH);
        out.putShort(at + Ipv4Header.CHECKSUM, (short) InternetChecksum.complement(sum));
    }

    private byte[] remote(int tunnelPort, boolean isIpv4) {
        RemoteVtep vtep = Ports.isTunnel(tunnelPort) ? vteps.behind(tunnelPort) : null;
        byte[] address =
                vtep == null ? new byte[0] : vtep.address().toInetAddress().getAddress();
        int length = isIpv4 ? 4 : 16;
        return address.length == length ? address : new byte[length];
    }
}
