package dev.peregrine.dataplane.packet;

import java.lang.foreign.MemorySegment;

/**
 * Where the frame of a {@link Packet} lies in its buffer.
 *
 * <pre>
 *   floor        offset                                                                       ceiling
 *   |  headroom  |  head ............ |  fragment 0 |gap| fragment 1 |gap| ... | last |  room  |
 *                 \__ headLength ____/ ^first        \__________ stride _______/
 * </pre>
 *
 * <p>The head is contiguous. A <em>superframe</em> has payload fragments behind it, in the same buffer at equal
 * strides: segment 0 is the head, segment k is (headers of the head, fragment k-1). The gap holds the headers that
 * the fragment arrived with; a frame that came in one piece has gaps of zero. All fragments are
 * {@link #sliceLength} long, except that the last may be shorter.
 */
public abstract sealed class PacketExtent extends PacketBytes permits Packet {
    private int headLength;
    private long first;
    private int stride;
    private int sliceLength;
    private int sliceCount;
    private int lastLength;

    /** A view of a slab, without bytes so far. */
    PacketExtent(MemorySegment memory) {
        super(memory);
    }

    void empty(long floor, long offset, long ceiling) {
        this.floor = floor;
        this.offset = offset;
        this.ceiling = ceiling;
        headLength = 0;
        sliceCount = 0;
    }

    /** Takes over the bytes of {@code source}, with its fragments end to end. */
    void copyBytes(PacketExtent source) {
        MemorySegment.copy(source.memory, source.offset, memory, offset, source.headLength);
        headLength = source.headLength;
        long end = offset + headLength;
        first = end;
        for (int i = 0; i < source.sliceCount; i++) {
            int length = source.sliceLength(i);
            MemorySegment.copy(source.memory, source.sliceOffset(i), memory, end, length);
            end += length;
        }
        stride = source.sliceLength;
        sliceLength = source.sliceLength;
        sliceCount = source.sliceCount;
        lastLength = source.lastLength;
    }

    /** Bytes of the contiguous head. */
    public int headLength() {
        return headLength;
    }

    /** Bytes of the whole frame: the head and all fragments. */
    public int length() {
        return sliceCount == 0 ? headLength : headLength + (sliceCount - 1) * sliceLength + lastLength;
    }

    /** Bytes that {@link #push} can still take. */
    public int headroom() {
        return (int) (offset - floor);
    }

    /** Bytes that {@link #put} can still take; meaningful for packets without fragments. */
    public int tailroom() {
        return (int) (ceiling - offset) - headLength;
    }

    /** Grows the head by {@code bytes} at the front. */
    public Packet push(int bytes) {
        assert bytes <= headroom() : "no headroom";
        offset -= bytes;
        headLength += bytes;
        return self();
    }

    /** Takes {@code bytes} off the front of the head. */
    public Packet pull(int bytes) {
        assert bytes <= headLength : "pulled past the head";
        offset += bytes;
        headLength -= bytes;
        return self();
    }

    /** Grows a packet without fragments by {@code bytes} at the end. */
    public Packet put(int bytes) {
        assert sliceCount == 0 && bytes <= tailroom() : "no tailroom";
        headLength += bytes;
        return self();
    }

    /** Cuts a packet without fragments to {@code length} bytes. */
    public Packet trim(int length) {
        assert sliceCount == 0 && length <= headLength : "trimmed to more than there is";
        headLength = length;
        return self();
    }

    /**
     * Makes this the view of {@code length} bytes at {@code offset}, without fragments, whose headroom begins at
     * {@code floor}; all are positions in {@link #memory} and lie in this packet's buffer. The tailroom still ends at
     * {@link #ceiling}.
     */
    public Packet view(long floor, long offset, int length) {
        return view(floor, offset, length, ceiling);
    }

    /** As {@link #view(long, long, int)}, with tailroom up to {@code ceiling} only: behind it are others' bytes. */
    public Packet view(long floor, long offset, int length, long ceiling) {
        assert floor <= offset && offset + length <= ceiling && ceiling <= this.ceiling : "view outside the buffer";
        this.floor = floor;
        this.ceiling = ceiling;
        this.offset = offset;
        headLength = length;
        sliceCount = 0;
        return self();
    }

    // ---- the superframe ---------------------------------------------------------------------------------------

    /**
     * Sets the fragments that follow the head.
     *
     * @param first position of the first fragment in {@link #memory}
     * @param stride distance between the beginnings of two fragments
     * @param length bytes of every fragment but the last
     * @param count number of fragments; 0 for a plain frame
     * @param lastLength bytes of the last fragment, 1 to {@code length}
     */
    public Packet slices(long first, int stride, int length, int count, int lastLength) {
        assert count == 0 || (lastLength > 0 && lastLength <= length && length <= stride) : "fragments do not fit";
        assert count == 0 || first + (long) (count - 1) * stride + lastLength <= ceiling : "fragments past the buffer";
        this.first = first;
        this.stride = stride;
        sliceLength = length;
        sliceCount = count;
        this.lastLength = lastLength;
        return self();
    }

    /**
     * Makes a contiguous frame a superframe: {@code headerLength} bytes of headers, then payload in segments of
     * {@code segmentSize}. A frame whose payload fits one segment stays plain.
     */
    public Packet cut(int headerLength, int segmentSize) {
        assert sliceCount == 0 && segmentSize > 0 && headerLength <= headLength : "not a contiguous frame";
        int rest = headLength - headerLength - segmentSize;
        if (rest > 0) {
            headLength = headerLength + segmentSize;
            int count = (rest + segmentSize - 1) / segmentSize;
            slices(offset + headLength, segmentSize, segmentSize, count, rest - (count - 1) * segmentSize);
        }
        return self();
    }

    /** Number of wire packets that this frame stands for; 1 for a plain frame. */
    public int wirePackets() {
        return sliceCount + 1;
    }

    /** Whether this frame stands for several wire packets. */
    public boolean isSuperframe() {
        return sliceCount > 0;
    }

    /** Payload bytes of each segment but the last; 0 for a plain frame. */
    public int segmentSize() {
        return sliceCount == 0 ? 0 : sliceLength;
    }

    /** Bytes of the largest frame that this one becomes on the wire: the head, which has the first segment whole. */
    public int wireLength() {
        return headLength;
    }

    /** Bytes that this frame has on the wire in all: every segment with its own copy of the headers. */
    public int wireBytes() {
        return sliceCount == 0 ? headLength : length() + sliceCount * (headLength - sliceLength);
    }

    /** Number of fragments behind the head. */
    public int sliceCount() {
        return sliceCount;
    }

    /** Distance between two fragments; equal to {@link #segmentSize} when they are contiguous. */
    public int stride() {
        return stride;
    }

    /** Position of fragment {@code index} in {@link #memory}. */
    public long sliceOffset(int index) {
        return first + (long) index * stride;
    }

    /** Bytes of fragment {@code index}. */
    public int sliceLength(int index) {
        return index == sliceCount - 1 ? lastLength : sliceLength;
    }

    /** Whether head and fragments lie end to end. */
    public boolean isContiguous() {
        return sliceCount == 0 || (first == offset + headLength && stride == sliceLength);
    }
}
