package dev.peregrine.dataplane.observe;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.offload.Segmenter;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.NativeMemory;
import dev.peregrine.dataplane.packet.Packet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Writes packets to a ring as the frames that they are on the wire: a superframe as its segments, each with its own
 * headers and checksums, as segmentation offload makes them. Changes nothing in the packet. Belongs to one worker.
 */
public final class FrameRecorder implements AutoCloseable {
    /** Room for all headers in front of a payload: tunnel, Ethernet with two tags, and IP and TCP with all options. */
    private static final int BLOCK = 512;

    private final RecordRing ring;
    private final int most;
    private final int worker;
    private final Segmenter segmenter = new Segmenter();
    private final Arena arena = Arena.ofShared();
    private final MemorySegment block = arena.allocate(BLOCK, Long.BYTES);

    private long nanos;
    private int place;
    private int direction;
    private int flags;
    private int reason;
    private int stage;
    private int port;
    private int vni;

    /**
     * A recorder of one worker.
     *
     * @param most bytes to keep of each frame, at least 1
     */
    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    public FrameRecorder(RecordRing ring, int most, int worker) {
        this.ring = ring;
        this.most = most;
        this.worker = worker;
    }

    /** Sets when, where and in which direction the next packets are seen. */
    public FrameRecorder seen(long atNanos, int where, int itsDirection) {
        nanos = atNanos;
        place = where;
        direction = itsDirection;
        reason = 0;
        stage = -1;
        return this;
    }

    /** Says that the next packet ends; {@code where} is negative if nothing is known but the place where it is seen. */
    public FrameRecorder dropped(@Nullable DropReason why, int where) {
        reason = why == null ? 0 : why.index() + 1;
        stage = where;
        return this;
    }

    /**
     * Writes a dissected packet.
     *
     * @param frame index of the inner frame in the head: above 0, there is a tunnel header in front
     * @param itsPort the port to note
     * @param itsVni the VNI; negative for none
     */
    public void record(Packet packet, int frame, int itsPort, int itsVni) {
        port = itsPort;
        vni = itsVni;
        flags = frame > 0 ? FrameRecord.TUNNEL : 0;
        boolean isPartial = packet.checksum() == Checksum.PARTIAL;
        int headers = isPartial || packet.isSuperframe() ? Dissector.payloadIndex(packet) : -1;
        if (headers < 0 || headers > BLOCK) {
            recordAsItIs(packet);
            return;
        }
        flags |= isPartial ? FrameRecord.COMPLETED : 0;
        for (int i = 0; i < packet.wirePackets(); i++) {
            if (!recordSegment(packet, headers, i)) {
                ring.miss(packet.wirePackets() - i - 1);
                return;
            }
        }
    }

    /**
     * Writes a packet as it came from the kernel, before anybody has looked into it: its head and each fragment are a
     * datagram, or a piece of a message, with a tunnel header or without.
     */
    public void recordPieces(Packet packet, int frame, int itsPort, int itsVni) {
        port = itsPort;
        vni = itsVni;
        flags = frame > 0 ? FrameRecord.TUNNEL : 0;
        for (int i = 0; i < packet.wirePackets(); i++) {
            long at = i == 0 ? packet.offset() : packet.sliceOffset(i - 1);
            int length = i == 0 ? packet.headLength() : packet.sliceLength(i - 1);
            recordBytes(packet, at, length, length, i);
        }
    }

    /** A frame that came with its checksum, or one that cannot be cut. */
    private void recordAsItIs(Packet packet) {
        recordBytes(packet, packet.offset(), packet.headLength(), packet.length(), 0);
    }

    private void recordBytes(Packet packet, long at, int there, int length, int segment) {
        int kept = Math.min(most, there);
        long record = begin(kept, length, segment, packet.wirePackets(), packet);
        if (record != 0) {
            ring.put(record + FrameRecord.HEADING, packet.memory(), at, kept);
            ring.publish();
        }
    }

    private boolean recordSegment(Packet packet, int headers, int segment) {
        long payload = segment == 0 ? packet.offset() + headers : packet.sliceOffset(segment - 1);
        int length = segment == 0 ? packet.headLength() - headers : packet.sliceLength(segment - 1);
        int kept = Math.min(most, headers + length);
        long record = begin(kept, headers + length, segment, packet.wirePackets(), packet);
        if (record == 0) {
            return false;
        }
        segmenter.write(packet, block, 0, segment, segment + 1);
        int fromBlock = Math.min(kept, headers);
        ring.put(record + FrameRecord.HEADING, block, 0, fromBlock);
        ring.put(record + FrameRecord.HEADING + fromBlock, packet.memory(), payload, kept - fromBlock);
        ring.publish();
        return true;
    }

    private long begin(int kept, int length, int segment, int segments, Packet packet) {
        long record = ring.claim(FrameRecord.HEADING + kept);
        if (record == 0) {
            return 0;
        }
        NativeMemory.putNetworkLong(record + FrameRecord.TIME, nanos);
        NativeMemory.putNetworkInt(record + FrameRecord.PLACE, place);
        NativeMemory.putByte(record + FrameRecord.DIRECTION, direction);
        NativeMemory.putByte(record + FrameRecord.FLAGS, flags);
        NativeMemory.putNetworkShort(record + FrameRecord.REASON, reason);
        NativeMemory.putNetworkInt(record + FrameRecord.STAGE, stage);
        NativeMemory.putNetworkInt(record + FrameRecord.PORT, port);
        NativeMemory.putByte(record + FrameRecord.TOS, packet.outerTos());
        NativeMemory.putByte(record + FrameRecord.TTL, packet.outerTtl());
        NativeMemory.putNetworkShort(record + FrameRecord.WORKER, worker);
        NativeMemory.putNetworkInt(record + FrameRecord.VNI, vni);
        NativeMemory.putNetworkInt(record + FrameRecord.LENGTH, length);
        NativeMemory.putNetworkShort(record + FrameRecord.SEGMENT, segment);
        NativeMemory.putNetworkShort(record + FrameRecord.SEGMENTS, segments);
        return record;
    }

    @Override
    public void close() {
        arena.close();
    }
}
