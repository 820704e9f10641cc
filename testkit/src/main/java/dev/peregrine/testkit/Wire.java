package dev.peregrine.testkit;

import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.offload.Segmenter;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.Packet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Converts between packets and their bytes on the wire. */
final class Wire {
    private final Segmenter segmenter = new Segmenter();

    /** Puts bytes at the end of a plain packet, which has room for them. */
    static void fill(Packet packet, byte[] bytes) {
        MemorySegment.copy(
                bytes, 0, packet.memory(), ValueLayout.JAVA_BYTE, packet.offset() + packet.headLength(), bytes.length);
        packet.put(bytes.length);
    }

    /** The bytes of each segment, complete with checksums. */
    List<byte[]> segments(Packet packet) {
        if (packet.isSuperframe()) {
            return cut(packet);
        }
        if (packet.checksum() == Checksum.PARTIAL) {
            TransportChecksum.complete(packet);
        }
        return List.of(bytes(packet.memory(), packet.offset(), packet.headLength()));
    }

    private List<byte[]> cut(Packet packet) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment blocks = arena.allocate((long) packet.headLength() * packet.wirePackets());
            int headers = segmenter.write(packet, blocks, 0);
            List<byte[]> segments = new ArrayList<>();
            for (int i = 0; i < packet.wirePackets(); i++) {
                long payload = i == 0 ? packet.offset() + headers : packet.sliceOffset(i - 1);
                int length = i == 0 ? packet.headLength() - headers : packet.sliceLength(i - 1);
                byte[] segment = new byte[headers + length];
                MemorySegment to = MemorySegment.ofArray(segment);
                MemorySegment.copy(blocks, (long) i * headers, to, 0, headers);
                MemorySegment.copy(packet.memory(), payload, to, headers, length);
                segments.add(segment);
            }
            return segments;
        }
    }

    private static byte[] bytes(MemorySegment memory, long offset, int length) {
        return memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    }
}
