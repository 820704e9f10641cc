package dev.peregrine.dataplane.observe;

import java.nio.ByteBuffer;

/**
 * A frame as it is on the wire, in a {@link RecordRing}: a heading of {@value #HEADING} bytes, then the frame's bytes,
 * as many as are kept. All in network byte order.
 *
 * <pre>
 *    0  time (8)
 *    8  place (4) | direction (1) | flags (1) | drop reason (2): one more than its index, or 0
 *   16  place of the drop (4) | port (4): of a tunnel, or local
 *   24  outer TOS (1) | outer TTL (1) | worker (2) | VNI (4): negative for none
 *   32  length on the wire (4) | number among the segments (2) | segments (2)
 * </pre>
 */
public final class FrameRecord {
    /** Bytes in front of the frame's. */
    public static final int HEADING = 40;

    /** Directions: into the gateway, out of it, or ended in it. */
    public static final int IN = 1;

    public static final int OUT = 2;
    public static final int ENDED = 0;

    /** Flags: the frame begins with a tunnel header; its checksum was partial and is filled in. */
    static final int TUNNEL = 1;

    static final int COMPLETED = 2;

    static final int TIME = 0;
    static final int PLACE = 8;
    static final int DIRECTION = 12;
    static final int FLAGS = 13;
    static final int REASON = 14;
    static final int STAGE = 16;
    static final int PORT = 20;
    static final int TOS = 24;
    static final int TTL = 25;
    static final int WORKER = 26;
    static final int VNI = 28;
    static final int LENGTH = 32;
    static final int SEGMENT = 36;
    static final int SEGMENTS = 38;

    private final ByteBuffer bytes;

    /** Reads a record from the buffer that the ring gives, and as long as that is valid. */
    public FrameRecord(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /** When the frame was seen, by {@link System#nanoTime}. */
    public long nanos() {
        return bytes.getLong(TIME);
    }

    /** Where, by number. */
    public int place() {
        return bytes.getInt(PLACE);
    }

    /** {@link #IN}, {@link #OUT} or {@link #ENDED}. */
    public int direction() {
        return bytes.get(DIRECTION);
    }

    /** Whether the frame begins with a tunnel header. */
    public boolean hasTunnelHeader() {
        return (bytes.get(FLAGS) & TUNNEL) != 0;
    }

    /** Whether the checksum was partial in the gateway and is filled in here. */
    public boolean isCompleted() {
        return (bytes.get(FLAGS) & COMPLETED) != 0;
    }

    /** Index of the drop reason; negative when it was not dropped. */
    public int reason() {
        return bytes.getShort(REASON) - 1;
    }

    /** The place where it was dropped, by number; negative for none. */
    public int stage() {
        return bytes.getInt(STAGE);
    }

    /** The tunnel port that it came from or goes to, or the local one; negative when it is not known. */
    public int port() {
        return bytes.getInt(PORT);
    }

    /** TOS of the outer header. */
    public int tos() {
        return bytes.get(TOS) & 0xff;
    }

    /** TTL of the outer header; 0 when it is not known. */
    public int ttl() {
        return bytes.get(TTL) & 0xff;
    }

    /** The worker that saw it. */
    public int worker() {
        return bytes.getShort(WORKER);
    }

    /** The VNI; negative for none. */
    public int vni() {
        return bytes.getInt(VNI);
    }

    /** Bytes on the wire, those that are not kept included; a tunnel header in front counts. */
    public int length() {
        return bytes.getInt(LENGTH);
    }

    /** Number among the segments of its superframe, from 0. */
    public int segment() {
        return bytes.getShort(SEGMENT) & 0xffff;
    }

    /** Segments of its superframe; 1 for a plain frame. */
    public int segments() {
        return bytes.getShort(SEGMENTS) & 0xffff;
    }

    /** The bytes that were kept. */
    public ByteBuffer frame() {
        return bytes.slice(HEADING, bytes.limit() - HEADING);
    }
}
