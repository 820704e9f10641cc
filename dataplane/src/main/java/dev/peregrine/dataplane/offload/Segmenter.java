package dev.peregrine.dataplane.offload;

import dev.peregrine.dataplane.packet.Packet;
import java.lang.foreign.MemorySegment;

/** Generic segmentation offload: writes the headers of each segment, and leaves the payload where it is. */
public final class Segmenter {
    /**
     * Writes {@link Packet#segments} header blocks one behind the other, each of them all bytes of the head in front
     * of the TCP or UDP payload. The payload of segment 0 is the rest of the head, that of segment k is fragment
     * k - 1.
     *
     * @param packet a dissected superframe, or a plain frame whose checksum is partial
     * @param scratch room for {@code segments()} times the block
     * @param at position of the first block in {@code scratch}
     * @return bytes of one block
     */
    public int write(Packet packet, MemorySegment scratch, long at) {
        throw new UnsupportedOperationException();
    }
}
