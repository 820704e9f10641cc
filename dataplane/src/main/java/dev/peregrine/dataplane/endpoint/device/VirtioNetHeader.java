package dev.peregrine.dataplane.endpoint.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A view over the header in front of every frame of a TAP device or packet socket: {@code virtio_net_hdr_v1} of the
 * kernel's {@code linux/virtio_net.h}, in host byte order. Packet sockets leave the last field out.
 *
 * <pre>
 *  0       1           2           4           6             8              10            12
 *  +-------+-----------+-----------+-----------+-------------+--------------+-------------+
 *  | flags | gso type  | header    | gso size  | checksum    | checksum     | buffers     |
 *  |       |           | length    |           | start       | offset       | (unused)    |
 *  +-------+-----------+-----------+-----------+-------------+--------------+-------------+
 * </pre>
 *
 * <p>The checksum's start counts from the frame's first byte, its offset from there; the sum runs to the frame's end.
 */
final class VirtioNetHeader {
    static final int LENGTH = 12;

    /** The checksum field holds the pseudo-header's sum and is to be completed by whoever needs it. */
    static final int NEEDS_CSUM = 1;

    /** The checksum was verified. */
    static final int DATA_VALID = 2;

    static final int GSO_NONE = 0;
    static final int GSO_TCPV4 = 1;
    static final int GSO_TCPV6 = 4;
    static final int GSO_UDP_L4 = 5;

    /** Added to a TCP type: only the first segment keeps CWR. */
    static final int GSO_ECN = 0x80;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

    private final MemorySegment memory;
    private long offset;

    VirtioNetHeader(MemorySegment memory) {
        this.memory = memory;
    }

    /** Makes this the view of the header at a position of the memory. */
    VirtioNetHeader wrap(long offset) {
        this.offset = offset;
        return this;
    }

    int flags() {
        return memory.get(BYTE, offset) & 0xff;
    }

    /** The type of superframe, {@link #GSO_ECN} left out. */
    int gsoType() {
        return memory.get(BYTE, offset + 1) & 0xff & ~GSO_ECN;
    }

    /** Payload bytes of each segment but the last. */
    int gsoSize() {
        return memory.get(SHORT, offset + 4) & 0xffff;
    }

    int checksumStart() {
        return memory.get(SHORT, offset + 6) & 0xffff;
    }

    /** The frame has grown by {@code bytes} bytes in front of its network header. */
    void shift(int bytes) {
        memory.set(SHORT, offset + 6, (short) (checksumStart() + bytes));
    }

    int checksumOffset() {
        return memory.get(SHORT, offset + 8) & 0xffff;
    }

    /** Describes a plain frame whose checksum stands. */
    VirtioNetHeader clear() {
        memory.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, 0);
        memory.set(ValueLayout.JAVA_INT_UNALIGNED, offset + 8, 0);
        return this;
    }

    /** Leaves the completion of the checksum to the reader. */
    VirtioNetHeader needsChecksum(int start, int offsetFromStart) {
        memory.set(BYTE, offset, (byte) NEEDS_CSUM);
        memory.set(SHORT, offset + 6, (short) start);
        memory.set(SHORT, offset + 8, (short) offsetFromStart);
        return this;
    }

    /** Describes a superframe. */
    VirtioNetHeader superframe(int type, int headerLength, int segmentSize) {
        memory.set(BYTE, offset + 1, (byte) type);
        memory.set(SHORT, offset + 2, (short) headerLength);
        memory.set(SHORT, offset + 4, (short) segmentSize);
        return this;
    }
}
