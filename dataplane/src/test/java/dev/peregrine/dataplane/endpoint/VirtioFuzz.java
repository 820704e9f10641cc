package dev.peregrine.dataplane.endpoint;

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

    /** Describes the frame in two surroundings; the results must agree, and the segments make up the frame. */
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
            boolean described =
                    ReceivedFrame.describe(packet, new VirtioNetHeader(block).wrap(0), InterfaceEndpoint.MAX_SEGMENTS);
            if (described && packet.length() != frame.length) {
                throw new AssertionError("segments of " + packet.length() + " bytes in a frame of " + frame.length);
            }
            return described + " " + packet.segments() + " " + packet.segmentSize() + " " + packet.checksum() + " "
                    + packet.flowHash() + " " + Arrays.hashCode(Packets.bytes(packet));
        } finally {
            pool.release(packet);
        }
    }
}
