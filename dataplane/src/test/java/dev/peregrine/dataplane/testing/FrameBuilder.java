package dev.peregrine.dataplane.testing;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Makes Ethernet frames with right lengths and checksums, unless told to make them wrong. Reusable: {@link #build}
 * may be called between changes.
 */
public final class FrameBuilder {
    private static final int ICMP = 1;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ICMPV6 = 58;

    private enum Field {
        COMPLETE,
        PARTIAL,
        ZERO,
        WRONG
    }

    private final int protocol;
    private long destinationMac = 0x02_00_00_00_00_02L;
    private long sourceMac = 0x02_00_00_00_00_01L;
    private byte[] tags = {};
    private byte[] source;
    private byte[] destination;
    private int tos;
    private int ttl = 64;
    private int id;
    private int fragmentBits;
    private byte[] ipOptions = {};
    private byte[] extensions = {};
    private int firstExtension = -1;
    private int sourcePort = 40_000;
    private int destinationPort = 5_201;
    private int sequence = 1;
    private int acknowledgment = 1;
    private int flags = 0x10;
    private int window = 512;
    private int urgentPointer;
    private byte[] tcpOptions = {};
    private int icmpType;
    private int echoId = 7;
    private byte[] payload = {};
    private Field checksum = Field.COMPLETE;
    private boolean wrongIpChecksum;
    private int padding;

    private FrameBuilder(int protocol, String source, String destination) {
        this.protocol = protocol;
        this.source = address(source);
        this.destination = address(destination);
    }

    /** A UDP datagram over IPv4. */
    public static FrameBuilder udp4() {
        return new FrameBuilder(UDP, "198.19.0.1", "198.19.0.2");
    }

    /** A UDP datagram over IPv6. */
    public static FrameBuilder udp6() {
        return new FrameBuilder(UDP, "fd00::1", "fd00::2");
    }

    /** A TCP segment with the flag ACK over IPv4. */
    public static FrameBuilder tcp4() {
        return new FrameBuilder(TCP, "198.19.0.1", "198.19.0.2");
    }

    /** A TCP segment with the flag ACK over IPv6. */
    public static FrameBuilder tcp6() {
        return new FrameBuilder(TCP, "fd00::1", "fd00::2");
    }

    /** An ICMP echo request. */
    public static FrameBuilder echo4() {
        return new FrameBuilder(ICMP, "198.19.0.1", "198.19.0.2").icmpType(8);
    }

    /** An ICMPv6 echo request. */
    public static FrameBuilder echo6() {
        return new FrameBuilder(ICMPV6, "fd00::1", "fd00::2").icmpType(128);
    }

    /** An IP packet of any protocol whose payload is all that follows the IP header. */
    public static FrameBuilder ip(int protocol, String source, String destination) {
        return new FrameBuilder(protocol, source, destination);
    }

    /** A frame with any EtherType and payload. */
    public static byte[] ethernet(long destination, long source, int etherType, byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        put(out, destination, 6);
        put(out, source, 6);
        put(out, etherType, 2);
        out.writeBytes(payload);
        return out.toByteArray();
    }

    /** An ARP packet from {@code senderMac}; a request (operation 1) is broadcast, a reply (2) goes to the target. */
    public static byte[] arp(int operation, long senderMac, String senderIp, long targetMac, String targetIp) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        put(out, (0x0001_0800_0604L << 16) | operation, 8);
        put(out, senderMac, 6);
        out.writeBytes(address(senderIp));
        put(out, targetMac, 6);
        out.writeBytes(address(targetIp));
        return ethernet(operation == 1 ? 0xffff_ffff_ffffL : targetMac, senderMac, 0x0806, out.toByteArray());
    }

    /** Sets the MAC addresses. */
    public FrameBuilder macs(long destination, long source) {
        destinationMac = destination;
        sourceMac = source;
        return this;
    }

    /** Puts a VLAN tag in front of those that are there. */
    public FrameBuilder tag(int tagEtherType, int vlan) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        put(out, ((long) tagEtherType << 16) | vlan, 4);
        out.writeBytes(tags);
        tags = out.toByteArray();
        return this;
    }

    /** Sets the IP addresses, of the family that the frame has. */
    public FrameBuilder addresses(String from, String to) {
        source = address(from);
        destination = address(to);
        return this;
    }

    /** Sets the TOS or traffic class. */
    public FrameBuilder tos(int value) {
        tos = value;
        return this;
    }

    /** Sets the TTL or hop limit. */
    public FrameBuilder ttl(int value) {
        ttl = value;
        return this;
    }

    /** Sets the IPv4 identification. */
    public FrameBuilder id(int value) {
        id = value;
        return this;
    }

    /** Sets the IPv4 flags and fragment offset to don't-fragment alone. */
    public FrameBuilder dontFragment() {
        return fragmentBits(0x4000);
    }

    /** Sets the IPv4 flags and fragment offset. */
    public FrameBuilder fragmentBits(int bits) {
        fragmentBits = bits;
        return this;
    }

    /** Sets the IPv4 options, a multiple of 4 bytes. */
    public FrameBuilder ipOptions(byte[] options) {
        ipOptions = options;
        return this;
    }

    /** Puts ready-made IPv6 extension headers in front of the transport header; the last must name it. */
    public FrameBuilder extensions(int first, byte[] headers) {
        firstExtension = first;
        extensions = headers;
        return this;
    }

    /** Sets the ports. */
    public FrameBuilder ports(int from, int to) {
        sourcePort = from;
        destinationPort = to;
        return this;
    }

    /** Sets the TCP sequence number. */
    public FrameBuilder sequence(int value) {
        sequence = value;
        return this;
    }

    /** Sets the TCP acknowledgment number. */
    public FrameBuilder acknowledgment(int value) {
        acknowledgment = value;
        return this;
    }

    /** Sets the low byte of the TCP flags. */
    public FrameBuilder flags(int value) {
        flags = value;
        return this;
    }

    /** Sets the TCP window. */
    public FrameBuilder window(int value) {
        window = value;
        return this;
    }

    /** Sets the TCP urgent pointer. */
    public FrameBuilder urgentPointer(int value) {
        urgentPointer = value;
        return this;
    }

    /** Sets the TCP options, a multiple of 4 bytes. */
    public FrameBuilder tcpOptions(byte[] options) {
        tcpOptions = options;
        return this;
    }

    /** Sets the ICMP type. */
    public FrameBuilder icmpType(int value) {
        icmpType = value;
        return this;
    }

    /** Sets the identifier of an ICMP echo. */
    public FrameBuilder echoId(int value) {
        echoId = value;
        return this;
    }

    /** Sets the payload. */
    public FrameBuilder payload(byte[] bytes) {
        payload = bytes;
        return this;
    }

    /** Sets a payload of {@code length} bytes that differ from their neighbours. */
    public FrameBuilder payload(int length) {
        payload = new byte[length];
        for (int i = 0; i < length; i++) {
            payload[i] = (byte) (i * 31 + (i >>> 8));
        }
        return this;
    }

    /** Leaves the bare pseudo-header sum in the TCP or UDP checksum field. */
    public FrameBuilder partialChecksum() {
        checksum = Field.PARTIAL;
        return this;
    }

    /** Leaves zero in the TCP or UDP checksum field: for UDP, none. */
    public FrameBuilder zeroChecksum() {
        checksum = Field.ZERO;
        return this;
    }

    /** Makes the TCP, UDP or ICMP checksum wrong, and no bare pseudo-header sum. */
    public FrameBuilder wrongChecksum() {
        checksum = Field.WRONG;
        return this;
    }

    /** Computes a checksum that was only the bare pseudo-header sum; leaves others as they are. */
    public FrameBuilder completed() {
        checksum = checksum == Field.PARTIAL ? Field.COMPLETE : checksum;
        return this;
    }

    /** Makes the IPv4 header checksum wrong. */
    public FrameBuilder wrongIpChecksum() {
        wrongIpChecksum = true;
        return this;
    }

    /** Adds Ethernet padding behind the IP packet. */
    public FrameBuilder padding(int bytes) {
        padding = bytes;
        return this;
    }

    /** The frame. */
    public byte[] build() {
        byte[] transport = transport();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        put(out, destinationMac, 6);
        put(out, sourceMac, 6);
        out.writeBytes(tags);
        put(out, isIpv4() ? 0x0800 : 0x86dd, 2);
        out.writeBytes(isIpv4() ? ipv4(transport.length) : ipv6(transport.length));
        out.writeBytes(transport);
        put(out, 0, padding);
        return out.toByteArray();
    }

    /** The frame behind {@code prefix}, such as a tunnel header. */
    public byte[] build(byte[] prefix) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(prefix);
        out.writeBytes(build());
        return out.toByteArray();
    }

    private boolean isIpv4() {
        return source.length == 4;
    }

    private byte[] ipv4(int payloadLength) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int length = 20 + ipOptions.length;
        put(out, 0x40 | (length / 4), 1);
        put(out, tos, 1);
        put(out, length + payloadLength, 2);
        put(out, id, 2);
        put(out, fragmentBits, 2);
        put(out, ttl, 1);
        put(out, protocol, 1);
        put(out, 0, 2);
        out.writeBytes(source);
        out.writeBytes(destination);
        out.writeBytes(ipOptions);
        byte[] header = out.toByteArray();
        Reference.setShort(header, 10, ~Reference.sum(header, 0, length, 0));
        header[10] ^= (byte) (wrongIpChecksum ? 0x55 : 0);
        return header;
    }

    private byte[] ipv6(int payloadLength) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        put(out, (6L << 28) | ((long) tos << 20), 4);
        put(out, extensions.length + payloadLength, 2);
        put(out, firstExtension < 0 ? protocol : firstExtension, 1);
        put(out, ttl, 1);
        out.writeBytes(source);
        out.writeBytes(destination);
        out.writeBytes(extensions);
        return out.toByteArray();
    }

    private byte[] transport() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int field;
        switch (protocol) {
            case TCP -> {
                field = 16;
                tcp(out);
            }
            case UDP -> {
                field = 6;
                put(out, sourcePort, 2);
                put(out, destinationPort, 2);
                put(out, 8 + payload.length, 2);
                put(out, 0, 2);
            }
            case ICMP, ICMPV6 -> {
                field = 2;
                put(out, icmpType, 1);
                put(out, 0, 3);
                put(out, echoId, 2);
                put(out, 1, 2);
            }
            default -> field = -1;
        }
        out.writeBytes(payload);
        byte[] bytes = out.toByteArray();
        if (field >= 0) {
            Reference.setShort(bytes, field, checksum(bytes));
        }
        return bytes;
    }

    private void tcp(ByteArrayOutputStream out) {
        put(out, sourcePort, 2);
        put(out, destinationPort, 2);
        put(out, sequence, 4);
        put(out, acknowledgment, 4);
        put(out, ((20 + tcpOptions.length) / 4) << 4, 1);
        put(out, flags, 1);
        put(out, window, 2);
        put(out, 0, 2);
        put(out, urgentPointer, 2);
        out.writeBytes(tcpOptions);
    }

    private int checksum(byte[] transport) {
        byte[] both = new byte[source.length * 2];
        System.arraycopy(source, 0, both, 0, source.length);
        System.arraycopy(destination, 0, both, source.length, source.length);
        int pseudo = protocol == ICMP ? 0 : Reference.pseudoHeader(both, 0, both.length, protocol, transport.length);
        int right = ~Reference.sum(transport, 0, transport.length, pseudo) & 0xffff;
        right = right == 0 && protocol == UDP ? 0xffff : right;
        return switch (checksum) {
            case COMPLETE -> right;
            case PARTIAL -> pseudo;
            case ZERO -> 0;
            case WRONG -> wrong(right, pseudo);
        };
    }

    private static int wrong(int right, int pseudo) {
        int wrong = right ^ 0x1234;
        return wrong == pseudo || wrong == 0 ? right ^ 0x4321 : wrong;
    }

    private static void put(ByteArrayOutputStream out, long value, int bytes) {
        for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
            out.write((int) (value >>> shift));
        }
    }

    private static byte[] address(String literal) {
        try {
            return InetAddress.getByName(literal).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(literal, e);
        }
    }
}
