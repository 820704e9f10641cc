package dev.peregrine.dataplane.endpoint;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.Packets;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Builds Ethernet frames, and reads them, without the code under test. */
@SuppressWarnings("ByteBufferBackingArray")
public // all are allocated here
final class Frames {
    public static final int ICMP = 1;
    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int ICMPV6 = 58;
    static final int ETHERNET = 14;

    /** The segment size that a SYN offers. */
    static final int TCP_MSS = 1_380;

    /** Where the checksum is in the transport header. */
    private static final int[] CHECKSUM_OFFSET = new int[256];

    static {
        CHECKSUM_OFFSET[ICMP] = 2;
        CHECKSUM_OFFSET[TCP] = 16;
        CHECKSUM_OFFSET[UDP] = 6;
        CHECKSUM_OFFSET[ICMPV6] = 2;
    }

    private Frames() {}

    /** One end of a conversation. */
    public record Host(long mac, InetAddress address, int port) {
        public Host(long mac, String address, int port) {
            this(mac, ip(address), port);
        }

        public boolean ipv6() {
            return address.getAddress().length == 16;
        }

        public Host port(int other) {
            return new Host(mac, address, other);
        }
    }

    public static InetAddress ip(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** A datagram with its checksum. */
    public static byte[] udp(Host from, Host to, byte[] payload) {
        return ip(from, to, UDP, udpSegment(from, to, payload));
    }

    public static byte[] udpSegment(Host from, Host to, byte[] payload) {
        ByteBuffer udp = ByteBuffer.allocate(8 + payload.length);
        udp.putShort((short) from.port()).putShort((short) to.port());
        udp.putShort((short) udp.capacity()).putShort((short) 0).put(payload);
        return udp.array();
    }

    public static byte[] tcpSegment(Host from, Host to, int sequence, int acknowledgment, int flags, byte[] rest) {
        int options = (flags & 2) == 0 ? 0 : 8;
        ByteBuffer tcp = ByteBuffer.allocate(20 + options + rest.length);
        tcp.putShort((short) from.port()).putShort((short) to.port()).putInt(sequence);
        tcp.putInt(acknowledgment).put((byte) ((20 + options) << 2)).put((byte) flags);
        tcp.putShort((short) 0xffff).putInt(0);
        if (options > 0) {
            tcp.putInt(0x0204_0000 | TCP_MSS).putInt(0x0103_0308); // And a window scale of 8.
        }
        return tcp.put(rest).array();
    }

    /** ICMP or ICMPv6, by the family of the hosts. */
    public static byte[] echo(Host from, Host to, boolean request, int id, byte[] data) {
        ByteBuffer icmp = ByteBuffer.allocate(8 + data.length);
        int type = from.ipv6() ? (request ? 128 : 129) : (request ? 8 : 0);
        icmp.putShort((short) (type << 8))
                .putShort((short) 0)
                .putShort((short) id)
                .putShort((short) 1)
                .put(data);
        return ip(from, to, from.ipv6() ? ICMPV6 : ICMP, icmp.array());
    }

    public static byte[] arp(long destination, int operation, Host sender, long targetMac, InetAddress target) {
        ByteBuffer frame = ethernet(28, destination, sender.mac(), 0x0806);
        frame.putShort((short) 1)
                .putShort((short) 0x0800)
                .putShort((short) 0x0604)
                .putShort((short) operation);
        mac(frame, sender.mac()).put(sender.address().getAddress());
        return mac(frame, targetMac).put(target.getAddress()).array();
    }

    /** A neighbour solicitation, from the unspecified address when {@code from} is it. */
    public static byte[] solicitation(Host from, InetAddress target) {
        byte[] address = target.getAddress();
        byte[] group = ip("ff02::1:ff00:0").getAddress();
        System.arraycopy(address, 13, group, 13, 3);
        long mac = 0x3333_0000_0000L | (ByteBuffer.wrap(group).getInt(12) & 0xffff_ffffL);
        boolean detection = from.address().isAnyLocalAddress();
        ByteBuffer icmp = ByteBuffer.allocate(detection ? 24 : 32);
        icmp.putInt(135 << 24).putInt(0).put(address);
        if (!detection) {
            mac(icmp.putShort((short) 0x0101), from.mac());
        }
        try {
            Host to = new Host(mac, InetAddress.getByAddress(group), 0);
            byte[] frame = ip(from, to, ICMPV6, icmp.array());
            frame[ETHERNET + 7] = (byte) 255;
            return frame;
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** An IP packet whose transport checksum is filled in. */
    public static byte[] ip(Host from, Host to, int protocol, byte[] segment) {
        byte[] frame = unfilled(from, to, protocol, segment);
        int transport = transport(frame);
        int field = transport + CHECKSUM_OFFSET[protocol];
        int length = frame.length - transport;
        long pseudo = protocol == ICMP ? 0 : pseudoHeader(frame, protocol, length);
        int checksum = ~fold(sum(frame, transport, length) + pseudo) & 0xffff;
        putShort(frame, field, checksum == 0 && protocol == UDP ? 0xffff : checksum);
        return frame;
    }

    /** An IP packet whose transport checksum is only the pseudo-header's sum. */
    public static byte[] partial(Host from, Host to, int protocol, byte[] segment) {
        byte[] frame = unfilled(from, to, protocol, segment);
        int transport = transport(frame);
        int pseudo = fold(pseudoHeader(frame, protocol, frame.length - transport));
        putShort(frame, transport + CHECKSUM_OFFSET[protocol], pseudo);
        return frame;
    }

    private static byte[] unfilled(Host from, Host to, int protocol, byte[] segment) {
        int header = from.ipv6() ? 40 : 20;
        ByteBuffer frame = ethernet(header + segment.length, to.mac(), from.mac(), from.ipv6() ? 0x86dd : 0x0800);
        if (from.ipv6()) {
            frame.putInt(6 << 28)
                    .putShort((short) segment.length)
                    .put((byte) protocol)
                    .put((byte) 64);
        } else {
            frame.putShort((short) 0x4500)
                    .putShort((short) (20 + segment.length))
                    .putInt(0x4000);
            frame.put((byte) 64).put((byte) protocol).putShort((short) 0);
        }
        frame.put(from.address().getAddress()).put(to.address().getAddress()).put(segment);
        if (!from.ipv6()) {
            fillIpv4Checksum(frame.array());
        }
        return frame.array();
    }

    static void fillIpv4Checksum(byte[] frame) {
        putShort(frame, ETHERNET + 10, 0);
        putShort(frame, ETHERNET + 10, ~fold(sum(frame, ETHERNET, 20)));
    }

    private static ByteBuffer ethernet(int length, long destination, long source, int type) {
        ByteBuffer frame = ByteBuffer.allocate(ETHERNET + length);
        return mac(mac(frame, destination), source).putShort((short) type);
    }

    private static ByteBuffer mac(ByteBuffer buffer, long mac) {
        return buffer.putShort((short) (mac >> 32)).putInt((int) mac);
    }

    // ---- reading -----------------------------------------------------------------------------------------------

    public static int getShort(byte[] frame, int index) {
        return ((frame[index] & 0xff) << 8) | (frame[index + 1] & 0xff);
    }

    public static void putShort(byte[] frame, int index, int value) {
        frame[index] = (byte) (value >> 8);
        frame[index + 1] = (byte) value;
    }

    public static long mac(byte[] frame, int index) {
        return ((long) getShort(frame, index) << 32) | (ByteBuffer.wrap(frame).getInt(index + 2) & 0xffff_ffffL);
    }

    public static int etherType(byte[] frame) {
        return getShort(frame, 12);
    }

    /** IP protocol; -1 for what is not IP. */
    public static int protocol(byte[] frame) {
        return switch (etherType(frame)) {
            case 0x0800 -> frame[ETHERNET + 9];
            case 0x86dd -> frame[ETHERNET + 6];
            default -> -1;
        };
    }

    public static int transport(byte[] frame) {
        return ETHERNET + (etherType(frame) == 0x86dd ? 40 : 20);
    }

    public static byte[] udpPayload(byte[] frame) {
        return Arrays.copyOfRange(frame, transport(frame) + 8, frame.length);
    }

    /** Whether IP header and transport checksum are right. */
    public static boolean hasValidChecksums(byte[] frame) {
        int protocol = protocol(frame);
        int transport = transport(frame);
        int length = frame.length - transport;
        long pseudo = protocol == ICMP ? 0 : pseudoHeader(frame, protocol, length);
        boolean header = etherType(frame) == 0x86dd || fold(sum(frame, ETHERNET, 20)) == 0xffff;
        return header && fold(sum(frame, transport, length) + pseudo) == 0xffff;
    }

    private static long pseudoHeader(byte[] frame, int protocol, int length) {
        boolean ipv6 = etherType(frame) == 0x86dd;
        return sum(frame, ETHERNET + (ipv6 ? 8 : 12), ipv6 ? 32 : 8) + protocol + length;
    }

    private static long sum(byte[] bytes, int offset, int length) {
        long sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (long) (bytes[offset + i] & 0xff) << (i % 2 == 0 ? 8 : 0);
        }
        return sum;
    }

    private static int fold(long sum) {
        long folded = sum;
        while (folded > 0xffff) {
            folded = (folded >>> 16) + (folded & 0xffff);
        }
        return (int) folded;
    }

    /** A batch of packets that hold the frames. */
    public static Batch batch(PacketPool pool, byte[]... frames) {
        Batch batch = new Batch();
        for (byte[] frame : frames) {
            batch.add(Packets.frame(pool, frame));
        }
        return batch;
    }
}
