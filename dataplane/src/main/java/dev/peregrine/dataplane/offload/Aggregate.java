package dev.peregrine.dataplane.offload;

import dev.peregrine.dataplane.packet.Packet;
import java.lang.foreign.MemorySegment;

/**
 * The datagrams that lie end to end in one receive buffer: all of one length, but the last may be shorter. Keeps the
 * shape of the packet that it was wrapped over, which may then become the view of something else.
 */
@SuppressWarnings("NullAway.Init") // memory is set by the wrap that comes before every access
final class Aggregate {
    private MemorySegment memory;
    private long floor;
    private long first;
    private long ceiling;
    private int size;
    private int length;
    private int lastLength;

    /** Moves over a packet of at least two datagrams. */
    void wrap(Packet packet) {
        assert packet.isContiguous() && packet.headLength() == packet.segmentSize() : "no datagrams end to end";
        memory = packet.memory();
        floor = packet.floor();
        first = packet.offset();
        ceiling = packet.ceiling();
        size = packet.segments();
        length = packet.headLength();
        lastLength = packet.fragmentLength(size - 2);
    }

    MemorySegment memory() {
        return memory;
    }

    /** Number of datagrams. */
    int size() {
        return size;
    }

    /** Distance between the beginnings of two datagrams. */
    int stride() {
        return length;
    }

    /** Position of datagram {@code index} in {@link #memory}. */
    long position(int index) {
        return first + (long) index * length;
    }

    /** Bytes of datagram {@code index}. */
    int length(int index) {
        return index == size - 1 ? lastLength : length;
    }

    /** The lowest position that belongs to datagram {@code index}. */
    long floor(int index) {
        return index == 0 ? floor : position(index);
    }

    /** The position behind the last byte that belongs to datagram {@code index}. */
    long ceiling(int index) {
        return index == size - 1 ? ceiling : position(index) + length;
    }
}
