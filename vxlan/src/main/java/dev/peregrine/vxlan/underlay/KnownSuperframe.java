package dev.peregrine.vxlan.underlay;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.vxlan.VxlanHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** A TCP superframe in VXLAN, the same every time: ten segments, the last of them short. */
final class KnownSuperframe {
    static final int SEGMENTS = 10;

    private static final int SEGMENT_SIZE = 1300;
    private static final int LAST_SEGMENT_SIZE = 555;
    private static final int PAYLOAD = (SEGMENTS - 1) * SEGMENT_SIZE + LAST_SEGMENT_SIZE;
    private static final int IP_AND_TCP = 20 + 20;
    private static final int HEADERS = VxlanHeader.LENGTH + 14 + IP_AND_TCP;
    private static final int ACK_AND_PSH = 0x5018;

    private KnownSuperframe() {}

    /** In a packet of the pool, ready for the segmenter. */
    static Packet in(PacketPool pool) {
        Packet packet = pool.acquire();
        assert packet != null : "the pool is empty";
        byte[] bytes = bytes();
        packet.put(bytes.length);
        MemorySegment.copy(bytes, 0, packet.memory(), ValueLayout.JAVA_BYTE, packet.offset(), bytes.length);
        Dissector.dissect(packet, VxlanHeader.LENGTH);
        return packet.checksum(Checksum.PARTIAL).cut(HEADERS, SEGMENT_SIZE);
    }

    /** From 192.0.2.1 to 192.0.2.2, addresses that stand for none (RFC 5737). */
    private static byte[] bytes() {
        ByteBuffer frame = ByteBuffer.allocate(HEADERS + PAYLOAD);
        frame.putLong(0x0800_0000_0000_2a00L);
        frame.putShort((short) 0x0200).putInt(2).putShort((short) 0x0200).putInt(1);
        frame.putShort((short) 0x0800);
        frame.putShort((short) 0x4500).putShort((short) (IP_AND_TCP + PAYLOAD));
        frame.putShort((short) 0xfffa).putShort((short) 0); // the identification wraps on the way
        frame.put((byte) 64).put((byte) IpProtocol.TCP).putShort((short) 0);
        frame.putInt(0xc000_0201).putInt(0xc000_0202);
        frame.putShort((short) 49152).putShort((short) 9);
        frame.putInt(0xffff_f000).putInt(1).putShort((short) ACK_AND_PSH).putShort((short) 512);
        frame.putInt(0);
        for (int i = 0; i < PAYLOAD; i++) {
            frame.put((byte) (i * 31 + (i >>> 8)));
        }
        return frame.array();
    }
}
