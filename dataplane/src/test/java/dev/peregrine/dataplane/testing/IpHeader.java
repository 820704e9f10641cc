package dev.peregrine.dataplane.testing;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** The IPv4 or IPv6 header of a {@link FrameBuilder}, which sets its fields; with options or extension headers. */
final class IpHeader {
    byte[] source;
    byte[] destination;
    int tos;
    int ttl = 64;
    int id;
    int fragmentBits;
    byte[] options = {};
    byte[] extensions = {};

    /** The next header that the fixed IPv6 header names; negative for the transport protocol. */
    int firstExtension = -1;

    boolean wrongChecksum;

    IpHeader(String source, String destination) {
        this.source = address(source);
        this.destination = address(destination);
    }

    /** The bytes of an address that is written as a literal. */
    static byte[] address(String literal) {
        try {
            return InetAddress.getByName(literal).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(literal, e);
        }
    }

    int etherType() {
        return isIpv4() ? 0x0800 : 0x86dd;
    }

    private boolean isIpv4() {
        return source.length == 4;
    }

    /** The header of a packet whose payload, behind options and extension headers, is of this length. */
    byte[] build(int protocol, int payloadLength) {
        return isIpv4() ? ipv4(protocol, payloadLength) : ipv6(protocol, payloadLength);
    }

    private byte[] ipv4(int protocol, int payloadLength) {
        int length = 20 + options.length;
        byte[] header = new Octets()
                .put(0x40 | (length / 4), 1)
                .put(tos, 1)
                .put(length + payloadLength, 2)
                .put(id, 2)
                .put(fragmentBits, 2)
                .put(ttl, 1)
                .put(protocol, 1)
                .put(0, 2)
                .put(source)
                .put(destination)
                .put(options)
                .toArray();
        Reference.setShort(header, 10, ~Reference.sum(header, 0, length, 0));
        header[10] ^= (byte) (wrongChecksum ? 0x55 : 0);
        return header;
    }

    private byte[] ipv6(int protocol, int payloadLength) {
        return new Octets()
                .put((6L << 28) | ((long) tos << 20), 4)
                .put(extensions.length + payloadLength, 2)
                .put(firstExtension < 0 ? protocol : firstExtension, 1)
                .put(ttl, 1)
                .put(source)
                .put(destination)
                .put(extensions)
                .toArray();
    }

    /** The sum of the pseudo-header of a transport header and its payload. */
    int pseudoHeader(int protocol, int length) {
        byte[] both = new Octets().put(source).put(destination).toArray();
        return Reference.pseudoHeader(both, 0, both.length, protocol, length);
    }
}
