package dev.peregrine.dataplane.testing;

/**
 * Makes Ethernet frames with right lengths and checksums, unless told to make them wrong. Reusable: {@link #build}
 * may be called between changes. Not thread-safe.
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
    private final IpHeader ip;
    private long destinationMac = 0x02_00_00_00_00_02L;
    private long sourceMac = 0x02_00_00_00_00_01L;
    private byte[] tags = {};
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
    private int padding;

    private FrameBuilder(int protocol, String source, String destination) {
        this.protocol = protocol;
        ip = new IpHeader(source, destination);
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
        return new Octets()
                .put(destination, 6)
                .put(source, 6)
                .put(etherType, 2)
                .put(payload)
                .toArray();
    }

    /** An ARP packet from {@code senderMac}; a request (operation 1) is broadcast, a reply (2) goes to the target. */
    public static byte[] arp(int operation, long senderMac, String senderIp, long targetMac, String targetIp) {
        Octets packet = new Octets()
                .put((0x0001_0800_0604L << 16) | operation, 8)
                .put(senderMac, 6)
                .put(IpHeader.address(senderIp))
                .put(targetMac, 6)
                .put(IpHeader.address(targetIp));
        return ethernet(operation == 1 ? 0xffff_ffff_ffffL : targetMac, senderMac, 0x0806, packet.toArray());
    }

    /** Sets the MAC addresses. */
    public FrameBuilder macs(long destination, long source) {
        destinationMac = destination;
        sourceMac = source;
        return this;
    }

    /** Puts a VLAN tag in front of those that are there. */
    public FrameBuilder tag(int tagEtherType, int vlan) {
        tags = new Octets().put(((long) tagEtherType << 16) | vlan, 4).put(tags).toArray();
        return this;
    }

    /** Sets the IP addresses, of the family that the frame has. */
    public FrameBuilder addresses(String from, String to) {
        ip.source = IpHeader.address(from);
        ip.destination = IpHeader.address(to);
        return this;
    }

    /** Sets the TOS or traffic class. */
    public FrameBuilder tos(int value) {
        ip.tos = value;
        return this;
    }

    /** Sets the TTL or hop limit. */
    public FrameBuilder ttl(int value) {
        ip.ttl = value;
        return this;
    }

    /** Sets the IPv4 identification. */
    public FrameBuilder id(int value) {
        ip.id = value;
        return this;
    }

    /** Sets the IPv4 flags and fragment offset to don't-fragment alone. */
    public FrameBuilder dontFragment() {
        return fragmentBits(0x4000);
    }

    /** Sets the IPv4 flags and fragment offset. */
    public FrameBuilder fragmentBits(int bits) {
        ip.fragmentBits = bits;
        return this;
    }

    /** Sets the IPv4 options, a multiple of 4 bytes. */
    public FrameBuilder ipOptions(byte[] options) {
        ip.options = options;
        return this;
    }

    /** Puts ready-made IPv6 extension headers in front of the transport header; the last must name it. */
    public FrameBuilder extensions(int first, byte[] headers) {
        ip.firstExtension = first;
        ip.extensions = headers;
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
        ip.wrongChecksum = true;
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
        return new Octets()
                .put(destinationMac, 6)
                .put(sourceMac, 6)
                .put(tags)
                .put(ip.etherType(), 2)
                .put(ip.build(protocol, transport.length))
                .put(transport)
                .put(0, padding)
                .toArray();
    }

    /** The frame behind {@code prefix}, such as a tunnel header. */
    public byte[] build(byte[] prefix) {
        return new Octets().put(prefix).put(build()).toArray();
    }

    private byte[] transport() {
        Octets out = new Octets();
        int field;
        switch (protocol) {
            case TCP -> {
                field = 16;
                tcp(out);
            }
            case UDP -> {
                field = 6;
                out.put(sourcePort, 2)
                        .put(destinationPort, 2)
                        .put(8 + payload.length, 2)
                        .put(0, 2);
            }
            case ICMP, ICMPV6 -> {
                field = 2;
                out.put(icmpType, 1).put(0, 3).put(echoId, 2).put(1, 2);
            }
            default -> field = -1;
        }
        byte[] bytes = out.put(payload).toArray();
        if (field >= 0) {
            Reference.setShort(bytes, field, checksum(bytes));
        }
        return bytes;
    }

    private void tcp(Octets out) {
        out.put(sourcePort, 2)
                .put(destinationPort, 2)
                .put(sequence, 4)
                .put(acknowledgment, 4)
                .put(((20 + tcpOptions.length) / 4) << 4, 1)
                .put(flags, 1)
                .put(window, 2)
                .put(0, 2)
                .put(urgentPointer, 2)
                .put(tcpOptions);
    }

    private int checksum(byte[] transport) {
        int pseudo = protocol == ICMP ? 0 : ip.pseudoHeader(protocol, transport.length);
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
}
