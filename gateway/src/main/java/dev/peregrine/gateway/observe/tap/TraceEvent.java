package dev.peregrine.gateway.observe.tap;

import dev.peregrine.dataplane.observe.RecordRing;
import dev.peregrine.dataplane.packet.NativeMemory;
import dev.peregrine.dataplane.packet.Packet;
import java.nio.ByteBuffer;

/**
 * A record of a packet at one place, written by a trace's taps: in the worker's ring as bytes in network order, behind
 * the ring as this record.
 *
 * @param kind what happened
 * @param worker where
 * @param place number of the stage or terminal
 * @param detail a verdict; the index of a drop reason
 * @param packet the number that the packet has in this trace
 * @param nanos when, by {@link System#nanoTime}
 * @param port the port that it came from, where it arrives; elsewhere the one that it goes to
 * @param vni its VNI; negative for none
 * @param segments wire packets that it stands for
 * @param segmentSize payload bytes of each segment but the last; 0 for a plain frame
 * @param length bytes of the whole frame, without the tunnel header
 * @param outcome number of a look-up's outcome; negative for none
 * @param sinceNanos when the flow of a hit was recorded
 * @param passed packets of this flow that took the fast path
 * @param frame the first bytes of the inner frame, where it arrives
 */
public record TraceEvent(
        Kind kind,
        int worker,
        int place,
        int detail,
        long packet,
        long nanos,
        int port,
        int vni,
        int segments,
        int segmentSize,
        int length,
        int outcome,
        long sinceNanos,
        long passed,
        ByteBuffer frame) {
    /** Bytes of a frame that are kept: all headers, in all but odd cases. */
    public static final int KEPT = 128;

    private static final int HEADING = 68;
    private static final int PLACE = 4;
    private static final int DETAIL = 8;
    private static final int PORT = 12;
    private static final int PACKET = 16;
    private static final int NANOS = 24;
    private static final int VNI = 32;
    private static final int SEGMENTS = 36;
    private static final int SEGMENT_SIZE = 40;
    private static final int LENGTH = 44;
    private static final int OUTCOME = 48;
    private static final int SINCE = 52;
    private static final int PASSED = 60;
    private static final Kind[] KINDS = Kind.values();

    /** The events that can happen at a place. */
    public enum Kind {
        /** It came in by a terminal. */
        ARRIVED,
        /** A stage decided. */
        DECIDED,
        /** It is given to a terminal. */
        LEFT,
        /** It ended, or a part of it. */
        DROPPED;

        @SuppressWarnings("EnumOrdinal") // both sides of the ring are of one process
        private int number() {
            return ordinal();
        }
    }

    /** Writes to a worker's ring. One packet at a time; belongs to the worker. */
    static final class Writer {
        private final RecordRing ring;
        private final int worker;
        private long record;

        Writer(RecordRing ring, int worker) {
            this.ring = ring;
            this.worker = worker;
        }

        /** Begins an event; false when there is no room for it. */
        boolean begin(Kind kind, int place, int detail, long packet, long nanos, int kept) {
            record = ring.claim(HEADING + kept);
            if (record == 0) {
                return false;
            }
            NativeMemory.putNetworkShort(record, kind.number());
            NativeMemory.putNetworkShort(record + 2, worker);
            NativeMemory.putNetworkInt(record + PLACE, place);
            NativeMemory.putNetworkInt(record + DETAIL, detail);
            NativeMemory.putNetworkLong(record + PACKET, packet);
            NativeMemory.putNetworkLong(record + NANOS, nanos);
            NativeMemory.putNetworkInt(record + PORT, Packet.NO_PORT);
            NativeMemory.putNetworkInt(record + VNI, Surroundings.NONE);
            NativeMemory.putNetworkInt(record + SEGMENTS, 0);
            NativeMemory.putNetworkInt(record + SEGMENT_SIZE, 0);
            NativeMemory.putNetworkInt(record + LENGTH, 0);
            explain(-1, 0, 0);
            return true;
        }

        /** Describes the packet; {@code frame} is where its inner frame begins. */
        void describe(Packet packet, int frame, int port, int vni) {
            NativeMemory.putNetworkInt(record + PORT, port);
            NativeMemory.putNetworkInt(record + VNI, vni);
            NativeMemory.putNetworkInt(record + SEGMENTS, packet.wirePackets());
            NativeMemory.putNetworkInt(record + SEGMENT_SIZE, packet.segmentSize());
            NativeMemory.putNetworkInt(record + LENGTH, packet.length() - frame);
        }

        /** Says why a look-up did what it did. */
        void explain(int outcome, long sinceNanos, long passed) {
            NativeMemory.putNetworkInt(record + OUTCOME, outcome);
            NativeMemory.putNetworkLong(record + SINCE, sinceNanos);
            NativeMemory.putNetworkLong(record + PASSED, passed);
        }

        void frame(Packet packet, int frame, int kept) {
            ring.put(record + HEADING, packet.memory(), packet.offset() + frame, kept);
        }

        void end() {
            ring.publish();
        }
    }

    /** Reads an event, and copies what it keeps of the frame. */
    public static TraceEvent of(ByteBuffer bytes) {
        ByteBuffer frame = ByteBuffer.allocate(bytes.limit() - HEADING)
                .put(bytes.slice(HEADING, bytes.limit() - HEADING))
                .flip();
        return new TraceEvent(
                KINDS[bytes.getShort(0)],
                bytes.getShort(2),
                bytes.getInt(PLACE),
                bytes.getInt(DETAIL),
                bytes.getLong(PACKET),
                bytes.getLong(NANOS),
                bytes.getInt(PORT),
                bytes.getInt(VNI),
                bytes.getInt(SEGMENTS),
                bytes.getInt(SEGMENT_SIZE),
                bytes.getInt(LENGTH),
                bytes.getInt(OUTCOME),
                bytes.getLong(SINCE),
                bytes.getLong(PASSED),
                frame);
    }
}
