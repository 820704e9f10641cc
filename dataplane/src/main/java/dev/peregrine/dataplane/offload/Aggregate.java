package dev.peregrine.dataplane.offload;

import dev.peregrine.dataplane.packet.Packet;
import java.lang.foreign.MemorySegment;

/**
 * The datagrams that lie in one receive buffer at equal strides: all of one length, but the last may be shorter. Keeps
 * the shape of the packet that it was wrapped over, which may then become the view of something else.
 */
@SuppressWarnings("NullAway.Init") // wrap sets memory before every access
final class Aggregate {
    private MemorySegment memory;
    private long floor;
    private long head;
    private long first;
    private long ceiling;
    private int stride;
    private int size;
    private int headLength;
    private int length;
    private int lastLength;

    void wrap(Packet packet) {
        memory = packet.memory();
        floor = packet.floor();
        head = packet.offset();
        ceiling = packet.ceiling();
        size = packet.wirePackets();
        stride = packet.stride();
        headLength = packet.headLength();
        first = packet.sliceOffset(0);
        length = packet.segmentSize();
        lastLength = size == 1 ? headLength : packet.sliceLength(size - 2);
    }

    MemorySegment memory() {
        return memory;
    }

    /** Number of datagrams. */
    int size() {
        return size;
    }

    int stride() {
        return stride;
    }

    /** Position of datagram {@code index} in {@link #memory}. */
    long position(int index) {
        return index == 0 ? head : first + (long) (index - 1) * stride;
    }

    /** Bytes of datagram {@code index}. */
    int length(int index) {
        if (index == 0) {
            return headLength;
        }
        return index == size - 1 ? lastLength : length;
    }

    /** The lowest position that belongs to datagram {@code index}. */
    long floor(int index) {
        return index == 0 ? floor : position(index);
    }

    /** The position behind the last byte that belongs to datagram {@code index}. */
    long ceiling(int index) {
        return index == size - 1 ? ceiling : position(index) + length(index);
    }
}
