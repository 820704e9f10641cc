package dev.peregrine.dataplane.packet;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One frame: a view over a pooled off-heap buffer, and what is known about it. {@link PacketExtent} has a picture of
 * its bytes.
 *
 * <p>Indices are bytes from the first byte of the head. A packet belongs to its {@link #holder}: the worker that owns
 * its pool, or one that it was handed to. Not thread-safe.
 */
public final class Packet extends PacketExtent {
    /** The value of a port that is not set. */
    public static final int NO_PORT = -1;

    private final PacketPool pool;
    private int buffer = -1;
    private int segment;
    private int inPort;
    private int outPort;
    private int flowHash;
    private int outerTos;
    private int outerTtl;
    private long receiveNanos;
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
        empty(floor, offset, ceiling);
        segment = -1;
        inPort = NO_PORT;
        outPort = NO_PORT;
        flowHash = 0;
        outerTos = 0;
        outerTtl = 0;
        receiveNanos = 0;
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
        receiveNanos = source.receiveNanos;
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
        copyBytes(source);
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

    /**
     * When the batch that brought the frame was received, by {@link System#nanoTime}; 0 for most batches, see Worker.
     */
    public long receiveNanos() {
        return receiveNanos;
    }

    /** Sets the receive time. */
    public Packet receiveNanos(long nanos) {
        receiveNanos = nanos;
        return this;
    }

    /** An observer's mark on the frame, to know it again: 0 for nothing. Copies and shared views have it, too. */
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
        return "Packet[" + headLength() + " + " + sliceCount() + " x " + segmentSize() + ", segment " + segment
                + ", in " + inPort + ", out " + outPort + "]";
    }
}
