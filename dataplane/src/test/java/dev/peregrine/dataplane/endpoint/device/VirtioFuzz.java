package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.offload.Segmenter;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Surroundings;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Any bytes as a virtio header and the frame behind it, as a device hands them over. */
public final class VirtioFuzz {
    private static final int MAX_FRAME = 9_000;

    private final PacketPool pool = new PacketPool(1, 1);
    private final MemorySegment block = MemorySegment.ofArray(new long[2]);
    private final MemorySegment headers = MemorySegment.ofArray(new byte[ReceivedFrame.MAX_HEADER_BYTES]);
    private final Segmenter segmenter = new Segmenter();

    /**
     * Describes the frame in two surroundings. The results must agree; the segments make up the frame and can be cut; a
     * frame that is refused has a number of wire packets.
     */
    public void run(byte[] data) {
        if (data.length < VirtioNetHeader.LENGTH || data.length > MAX_FRAME) {
            return;
        }
        String zero = describe(data, 0);
        String ones = describe(data, 0xff);
        if (!zero.equals(ones)) {
            throw new AssertionError("read outside of the frame: " + zero + " or " + ones);
        }
    }

    private String describe(byte[] data, int surroundings) {
        Surroundings.fill(pool, surroundings);
        byte[] frame = Arrays.copyOfRange(data, VirtioNetHeader.LENGTH, data.length);
        MemorySegment.copy(data, 0, block, ValueLayout.JAVA_BYTE, 0, VirtioNetHeader.LENGTH);
        Packet packet = Packets.of(pool, frame);
        try {
            VirtioNetHeader virtio = new VirtioNetHeader(block).wrap(0);
            DropReason refusal = ReceivedFrame.describe(packet, virtio, InterfaceEndpoint.MAX_SEGMENTS);
            if (packet.length() != frame.length) {
                throw new AssertionError("segments of " + packet.length() + " bytes in a frame of " + frame.length);
            }
            int wirePackets = ReceivedFrame.wirePackets(packet, virtio, frame.length);
            if (wirePackets < packet.wirePackets() || wirePackets > Math.max(1, frame.length)) {
                throw new AssertionError(wirePackets + " wire packets in " + frame.length + " bytes");
            }
            String cut = refusal == null && packet.isSuperframe() ? cut(packet) : "";
            return refusal + " " + wirePackets + " " + cut + " " + packet.wirePackets() + " " + packet.segmentSize()
                    + " " + packet.checksum() + " " + packet.flowHash() + " " + Arrays.hashCode(Packets.bytes(packet));
        } finally {
            pool.release(packet);
        }
    }

    /** Writes the headers of all segments, as whoever sends them does. */
    private String cut(Packet packet) {
        int length = segmenter.write(packet, headers, 0);
        if (length != packet.headLength() - packet.segmentSize()) {
            throw new AssertionError(length + " bytes of headers in " + packet);
        }
        byte[] bytes = headers.asSlice(0, (long) length * packet.wirePackets()).toArray(ValueLayout.JAVA_BYTE);
        return length + " " + Arrays.hashCode(bytes);
    }
}
