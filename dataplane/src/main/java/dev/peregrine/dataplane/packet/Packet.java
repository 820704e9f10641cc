package dev.peregrine.dataplane.packet;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One frame: a view over a pooled off-heap buffer.
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
 *
 * <p>Indices are bytes from the first byte of the head. A packet belongs to its {@link #holder}: the worker that owns its
 * pool, or one that it was handed to. Not thread-safe.
 */
public final class Packet extends PacketBytes {
    /** The value of a port that is not set. */
    public static final int NO_PORT = -1;

    private final PacketPool pool;
    private int buffer = -1;
    private int headLength;

    private long first;
    private int stride;
    private int sliceLength;
    private int sliceCount;
    private int lastLength;

    private int segment;
    private int inPort;
    private int outPort;
    private int flowHash;
    private int outerTos;
    private int outerTtl;
    private long mark;
    private Checksum checksum = Checksum.UNKNOWN;
    private int etherType;
    private int protocol;
    private long network;
    private long transport;
    private @Nullable FlowRecording recording;

    @Nullable
    Packet parent;

    @Nullable
    Packet spare;

    Packet(PacketPool pool, MemorySegment memory) {
        super(memory);
        this.pool = pool;
    }

    void reset(int buffer, long floor, long offset, long ceiling) {
        this.buffer = buffer;
        this.floor = floor;
        this.offset = offset;
        this.ceiling = ceiling;
        headLength = 0;
        sliceCount = 0;
        segment = -1;
        inPort = NO_PORT;
        outPort = NO_PORT;
        flowHash = 0;
        outerTos = 0;
        outerTtl = 0;
        mark = 0;
        if (checksum != Checksum.UNKNOWN) {
            checksum = Checksum.UNKNOWN; // not written for nothing: see Journey
        }
        etherType = 0;
        protocol = 0;
        network = 0;
        transport = 0;
        begin(pool.owner());
    }

    void retire() {
        buffer = -1;
        if (recording != null) {
            recording.end();
            recording = null;
        }
    }

    void inheritMetadata(Packet source) {
        segment = source.segment;
        inPort = source.inPort;
        outPort = source.outPort;
        flowHash = source.flowHash;
        outerTos = source.outerTos;
        outerTtl = source.outerTtl;
        mark = source.mark;
        inheritSteering(source);
    }

    void copyFrom(Packet source) {
        inheritMetadata(source);
        checksum = source.checksum;
        etherType = source.etherType;
        protocol = source.protocol;
        network = source.network == 0 ? 0 : offset + (source.network - source.offset);
        transport = source.transport == 0 ? 0 : offset + (source.transport - source.offset);
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

    // ---- the buffer -------------------------------------------------------------------------------------------

    /** The pool that this packet returns to. */
    @Override
    public PacketPool pool() {
        return pool;
    }

    int buffer() {
        return buffer;
    }

    // ---- the extent -------------------------------------------------------------------------------------------

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
        return this;
    }

    /** Takes {@code bytes} off the front of the head. */
    public Packet pull(int bytes) {
        assert bytes <= headLength : "pulled past the head";
        offset += bytes;
        headLength -= bytes;
        return this;
    }

    /** Grows a packet without fragments by {@code bytes} at the end. */
    public Packet put(int bytes) {
        assert sliceCount == 0 && bytes <= tailroom() : "no tailroom";
        headLength += bytes;
        return this;
    }

    /** Cuts a packet without fragments to {@code length} bytes. */
    public Packet trim(int length) {
        assert sliceCount == 0 && length <= headLength : "trimmed to more than there is";
        headLength = length;
        return this;
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
        return this;
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
        return this;
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
        return this;
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

    // ---- metadata ---------------------------------------------------------------------------------------------

    /** Index of the segment (the layer 2 network that a VNI names); -1 before decap. */
    public int segment() {
        return segment;
    }

    /** Sets the segment index. */
    public Packet segment(int index) {
        segment = index;
        return this;
    }

    /** The port that the frame came in by, local or tunnel (see {@link Ports}); {@link #NO_PORT} when unknown. */
    public int inPort() {
        return inPort;
    }

    /** Sets the ingress port. */
    public Packet inPort(int port) {
        inPort = port;
        return this;
    }

    /** The port that the frame leaves by, as the bridge decided. */
    public int outPort() {
        return outPort;
    }

    /** Sets the egress port. */
    public Packet outPort(int port) {
        outPort = port;
        return this;
    }

    /** Hash of the inner flow, computed once; equal for all packets of a flow. */
    public int flowHash() {
        return flowHash;
    }

    /** Sets the flow hash. */
    public Packet flowHash(int hash) {
        flowHash = hash;
        return this;
    }

    /** TOS or traffic class of the outer header, received or to be sent, 0 to 255. */
    public int outerTos() {
        return outerTos;
    }

    /** Sets the outer TOS. */
    public Packet outerTos(int tos) {
        outerTos = tos;
        return this;
    }

    /** TTL or hop limit of the outer header, received or to be sent; 0 leaves the socket's own. */
    public int outerTtl() {
        return outerTtl;
    }

    /** Sets the outer TTL. */
    public Packet outerTtl(int ttl) {
        outerTtl = ttl;
        return this;
    }

    /** What an observer has put on the frame, to know it again: 0 for nothing. Copies and shared views have it, too. */
    public long mark() {
        return mark;
    }

    /** Marks the frame, or takes the mark away with 0. For observers alone: nothing is decided by it. */
    public Packet mark(long value) {
        mark = value;
        return this;
    }

    /**
     * Where stages write down what a flow cache needs to know; null unless one wants to remember this packet's flow.
     * The packet keeps it until it is released; copies have none.
     */
    public @Nullable FlowRecording recording() {
        return recording;
    }

    void recording(FlowRecording begun) {
        recording = begun;
    }

    /** The knowledge about the inner transport checksum. */
    public Checksum checksum() {
        return checksum;
    }

    /** Sets the checksum state. */
    public Packet checksum(Checksum state) {
        checksum = state;
        return this;
    }

    // ---- what dissection found (see header.Dissector) ---------------------------------------------------------

    /** The outermost EtherType of the inner frame: that of the VLAN tag, where there is one; 0 before dissection. */
    public int etherType() {
        return etherType;
    }

    /** Transport protocol of the inner frame; 0 where there is none, or where it cannot be seen (a later fragment). */
    public int protocol() {
        return protocol;
    }

    /** Index of the inner network header in the head as it now stands; negative when there is none. */
    public int networkIndex() {
        return network == 0 ? -1 : (int) (network - offset);
    }

    /** Index of the inner transport header in the head as it now stands; negative when there is none. */
    public int transportIndex() {
        return transport == 0 ? -1 : (int) (transport - offset);
    }

    /**
     * Records where the inner headers are. The positions stay right when headers are pushed and pulled.
     *
     * @param networkIndex index of the network header in the head, negative for none
     * @param transportIndex index of the transport header in the head, negative for none
     */
    public Packet dissected(int etherType, int networkIndex, int protocol, int transportIndex) {
        this.etherType = etherType;
        this.protocol = protocol;
        network = networkIndex < 0 ? 0 : offset + networkIndex;
        transport = transportIndex < 0 ? 0 : offset + transportIndex;
        return this;
    }

    @Override
    public String toString() {
        return "Packet[" + headLength + " + " + sliceCount + " x " + sliceLength + ", segment " + segment + ", in "
                + inPort + ", out " + outPort + "]";
    }
}
