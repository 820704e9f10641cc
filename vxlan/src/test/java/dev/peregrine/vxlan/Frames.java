package dev.peregrine.vxlan;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.stage.Stage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** Frames and packets for tests. */
public final class Frames {
    /** Bytes in front of the UDP payload of {@link #ipv4}. */
    public static final int IPV4_UDP = 14 + 20 + 8;

    private Frames() {}

    /** An Ethernet frame with IPv4 and UDP, checksums right. */
    public static byte[] ipv4(int tos, int ttl, int sourcePort, int payloadLength) {
        ByteBuffer frame = ByteBuffer.allocate(IPV4_UDP + payloadLength);
        ethernet(frame, 0x0800);
        frame.put((byte) 0x45).put((byte) tos).putShort((short) (28 + payloadLength));
        frame.putShort((short) 7)
                .putShort((short) 0x4000)
                .put((byte) ttl)
                .put((byte) 17)
                .putShort((short) 0);
        frame.putInt(0xc613_0001).putInt(0xc613_0002);
        udp(frame, sourcePort, payloadLength);
        frame.putShort(24, (short) ipv4Checksum(frame.array(), 14));
        return filled(frame.array());
    }

    /** An Ethernet frame with IPv6 and UDP, checksums right. */
    public static byte[] ipv6(int trafficClass, int hopLimit, int sourcePort, int payloadLength) {
        ByteBuffer frame = ByteBuffer.allocate(14 + 40 + 8 + payloadLength);
        ethernet(frame, 0x86dd);
        frame.putInt((6 << 28) | (trafficClass << 20) | 0x12345).putShort((short) (8 + payloadLength));
        frame.put((byte) 17).put((byte) hopLimit);
        frame.putLong(0xfd00L << 48).putLong(1).putLong(0xfd00L << 48).putLong(2);
        udp(frame, sourcePort, payloadLength);
        return filled(frame.array());
    }

    /** An ARP request, padded to 60 bytes. */
    public static byte[] arp() {
        ByteBuffer frame = ByteBuffer.allocate(60);
        ethernet(frame, 0x0806);
        frame.putInt(0x0001_0800).putInt(0x0604_0001);
        return frame.array();
    }

    /** The frame with VLAN tags of the given types in front of its EtherType, the outermost first. */
    public static byte[] tagged(byte[] frame, int... types) {
        ByteBuffer tagged = ByteBuffer.allocate(frame.length + 4 * types.length);
        tagged.put(frame, 0, 12);
        for (int type : types) {
            tagged.putShort((short) type).putShort((short) 100);
        }
        return tagged.put(frame, 12, frame.length - 12).array();
    }

    /** A VXLAN header and a frame. */
    public static byte[] vxlan(long header, byte[] frame) {
        return ByteBuffer.allocate(8 + frame.length).putLong(header).put(frame).array();
    }

    /** The header that a correct sender writes. */
    public static long header(int vni) {
        return (0x0800_0000L << 32) | ((long) vni << 8);
    }

    /** A packet that holds {@code bytes}, not dissected. */
    public static Packet packet(PacketPool pool, byte[] bytes) {
        Packet packet = pool.acquire();
        assert packet != null : "the pool is empty";
        packet.put(bytes.length);
        MemorySegment.copy(bytes, 0, packet.memory(), ValueLayout.JAVA_BYTE, packet.offset(), bytes.length);
        return packet;
    }

    /** A packet as an endpoint gives it: a dissected inner frame. */
    public static Packet inner(PacketPool pool, byte[] frame) {
        Packet packet = packet(pool, frame);
        Dissector.dissect(packet, 0);
        return packet;
    }

    /** A packet as the underlay and the coalescer give it: a VXLAN datagram, its inner frame dissected. */
    public static Packet datagram(PacketPool pool, byte[] bytes) {
        Packet packet = packet(pool, bytes);
        Dissector.dissect(packet, 8);
        return packet;
    }

    /** A dissected IPv4 UDP superframe without gaps, its checksum partial. */
    public static Packet superframe(PacketPool pool, int tos, int sourcePort, int payloadLength, int segmentSize) {
        Packet packet = inner(pool, ipv4(tos, 64, sourcePort, payloadLength));
        return packet.checksum(Checksum.PARTIAL).cut(IPV4_UDP, segmentSize);
    }

    /** The bytes of a packet's head. */
    public static byte[] head(Packet packet) {
        return packet.memory().asSlice(packet.offset(), packet.headLength()).toArray(ValueLayout.JAVA_BYTE);
    }

    /** The bytes of a packet: head and fragments end to end. */
    public static byte[] bytes(Packet packet) {
        ByteBuffer all = ByteBuffer.allocate(packet.length()).put(head(packet));
        for (int i = 0; i < packet.sliceCount(); i++) {
            all.put(packet.memory()
                    .asSlice(packet.sliceOffset(i), packet.sliceLength(i))
                    .toArray(ValueLayout.JAVA_BYTE));
        }
        return all.array();
    }

    /** The verdict of a stage on a packet. */
    public static int verdict(Stage stage, Packet packet) {
        Batch batch = new Batch();
        batch.add(packet);
        stage.process(batch);
        return batch.verdict(0);
    }

    /** The header checksum of the IPv4 header at {@code index}, computed as RFC 791 says. */
    public static int ipv4Checksum(byte[] bytes, int index) {
        int sum = 0;
        for (int i = 0; i < 20; i += 2) {
            if (i != 10) {
                sum += ((bytes[index + i] & 0xff) << 8) | (bytes[index + i + 1] & 0xff);
            }
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
    }

    private static void ethernet(ByteBuffer frame, int type) {
        frame.putShort((short) 0x0200)
                .putInt(2)
                .putShort((short) 0x0200)
                .putInt(1)
                .putShort((short) type);
    }

    private static void udp(ByteBuffer frame, int sourcePort, int payloadLength) {
        frame.putShort((short) sourcePort).putShort((short) 5001);
        frame.putShort((short) (8 + payloadLength)).putShort((short) 0);
        for (int i = 0; i < payloadLength; i++) {
            frame.put((byte) (i * 31 + sourcePort));
        }
    }

    private static byte[] filled(byte[] frame) {
        try (PacketPool pool = new PacketPool(1, 1)) {
            Packet packet = inner(pool, frame);
            TransportChecksum.complete(packet);
            return head(packet);
        }
    }
}
