package dev.peregrine.dataplane.policy.conntrack;

import dev.peregrine.dataplane.header.TcpHeader;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The sequence numbers and windows of the two ends of each TCP connection of {@link FlowStates}. By them, a true reset
 * or FIN is distinguished from a blind one (RFC 5961), as nf_conntrack does (van Rooij, "Real Stateful TCP Packet
 * Filtering in IP Filter", 2000).
 *
 * <pre>
 *  for each end, 12 bytes:
 *  | end of what it sent (32) | highest acknowledgment (32) |
 *  | heard (1) | acknowledges (1) | offers scaling (1) | scale (4) | bits of its largest window (5) |
 * </pre>
 *
 * <p>A segment belongs to the connection when it begins at most a window beyond the other end's acknowledgment, ends at
 * most a window before the end of what its sender has sent, and acknowledges bytes that the other end has sent, at most
 * a window old. Only such a segment changes these values. Windows are kept as powers of two, rounded up, and only grow.
 * The scale of a connection that was picked up in its middle is unknown: it counts as the largest possible.
 *
 * <p>The worker that has an end's packets writes its words. Another one may see them a moment late, and then take a
 * segment for one that does not belong; that leaves the state of its flow as it is. No packet is dropped for it: the
 * receiver decides.
 */
final class TcpWindows {
    /** Bytes for each flow, on the heap. */
    static final int BYTES = 2 * (Long.BYTES + Integer.BYTES);

    private static final VarHandle EDGES = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle WINDOWS = MethodHandles.arrayElementVarHandle(int[].class);

    private static final int HEARD = 1 << 11;
    private static final int ACKNOWLEDGES = 1 << 10;
    private static final int SCALES = 1 << 9;
    private static final int SCALE_SHIFT = 5;
    private static final int SCALE_MASK = 0xf;
    private static final int BITS_MASK = 0x1f;

    /** The largest window, also assumed where none is known. */
    private static final int MAX_BITS = 30;

    /** The scale of an end whose SYN was not seen. */
    private static final int UNKNOWN = SCALES | 14 << SCALE_SHIFT;

    /** An acknowledgment may be this old under any window (nf_conntrack: MAXACKWINDOW). */
    private static final int OLD_ACKNOWLEDGMENT = 66_000;

    /** The most bytes that a SYN may have carried; a refusal need not acknowledge any of them (RFC 7413). */
    private static final int SYN_PAYLOAD = 1 << 14;

    private final long[] edges;
    private final int[] windows;

    /** For at most {@code flows} flows. */
    TcpWindows(int flows) {
        edges = new long[2 * flows];
        windows = new int[2 * flows];
    }

    private static int own(int flow, boolean fromLow) {
        return 2 * flow + (fromLow ? 0 : 1);
    }

    /** A connection begins with a segment: a SYN, or one in its middle. */
    void begin(int flow, boolean fromLow, TcpSegment segment) {
        int own = own(flow, fromLow);
        int other = own ^ 1;
        if (segment.isSyn()) {
            set(other, 0, 0);
        } else {
            set(other, edge(segment.acknowledgment, 0), UNKNOWN);
            set(own, 0, UNKNOWN);
        }
        introduce(own, segment);
    }

    /** Records an end's initial sequence number; a repeated SYN repeats it. */
    void introduce(int flow, boolean fromLow, TcpSegment segment) {
        introduce(own(flow, fromLow), segment);
    }

    private void introduce(int own, TcpSegment segment) {
        int scaling = segment.isSyn()
                ? segment.scale < 0 ? 0 : SCALES | segment.scale << SCALE_SHIFT
                : window(own) & (SCALES | SCALE_MASK << SCALE_SHIFT);
        int shift = segment.isSyn() || (scaling & SCALES) == 0 ? 0 : scaling >>> SCALE_SHIFT & SCALE_MASK;
        boolean acknowledges = segment.hasAcknowledgment();
        int bits = bits((long) segment.window << shift);
        set(
                own,
                edge(segment.end, acknowledges ? segment.acknowledgment : 0),
                HEARD | (acknowledges ? ACKNOWLEDGES : 0) | scaling | bits);
    }

    /** Forgets all of a connection except that it exists. */
    void forget(int flow) {
        set(own(flow, true), 0, UNKNOWN);
        set(own(flow, false), 0, UNKNOWN);
    }

    /** Whether a segment belongs to its connection; if so, it is recorded. */
    boolean accept(int flow, boolean fromLow, TcpSegment segment) {
        return accept(
                flow, fromLow, segment.flags, segment.sequence, segment.end, segment.acknowledgment, segment.window);
    }

    /** As {@link #accept(int, boolean, TcpSegment)}; {@code end} is the sequence number behind the segment. */
    boolean accept(int flow, boolean fromLow, int flags, int sequence, int end, int acknowledgment, int window) {
        int own = own(flow, fromLow);
        int mine = window(own);
        int theirs = window(own ^ 1);
        long edge = edge(own);
        boolean acknowledges = (flags & TcpHeader.ACK) != 0;
        long otherEdge = edge(own ^ 1);
        if (!isInReach(sequence, end, edge, mine, otherEdge, theirs)
                || (acknowledges && !isAnswer(acknowledgment, mine, otherEdge, theirs))) {
            return false;
        }
        int ack = acknowledges
                ? later(acknowledgment(edge), acknowledgment, (mine & ACKNOWLEDGES) != 0)
                : acknowledgment(edge);
        boolean scaled = (mine & theirs & SCALES) != 0 && (flags & TcpHeader.SYN) == 0;
        int bits = bits((long) window << (scaled ? mine >>> SCALE_SHIFT & SCALE_MASK : 0));
        int next = mine | HEARD | (acknowledges ? ACKNOWLEDGES : 0);
        set(
                own,
                edge(later(end(edge), end, (mine & HEARD) != 0), ack),
                (next & ~BITS_MASK) | Math.max(mine & BITS_MASK, bits));
        return true;
    }

    private static boolean isInReach(int sequence, int end, long edge, int mine, long otherEdge, int theirs) {
        long room = room(theirs);
        boolean heard = (mine & HEARD) != 0;
        boolean tooNew = (theirs & ACKNOWLEDGES) != 0
                ? sequence - acknowledgment(otherEdge) > room
                : heard && sequence - end(edge) > room;
        return !tooNew && !(heard && end - end(edge) < -room);
    }

    private static boolean isAnswer(int acknowledgment, int mine, long otherEdge, int theirs) {
        int ahead = acknowledgment - end(otherEdge);
        return (theirs & HEARD) == 0 || (ahead <= 0 && ahead >= -Math.max(room(mine), OLD_ACKNOWLEDGMENT));
    }

    /**
     * Whether a reset was sent by an end of its connection: its sequence number lies between the other end's
     * acknowledgment and the end of the bytes sent so far. In answer to a SYN it has to acknowledge that.
     */
    boolean isReset(int flow, boolean fromLow, TcpSegment segment) {
        int own = own(flow, fromLow);
        int other = own ^ 1;
        int mine = window(own);
        int theirs = window(other);
        if ((mine & HEARD) == 0) {
            int ahead = segment.acknowledgment - end(edge(other));
            return (theirs & ACKNOWLEDGES) == 0
                    ? segment.hasAcknowledgment() && ahead <= 0 && ahead > -SYN_PAYLOAD
                    : segment.sequence == acknowledgment(edge(other));
        }
        int end = end(edge(own));
        if ((theirs & ACKNOWLEDGES) == 0) {
            return segment.sequence == end;
        }
        int acknowledged = acknowledgment(edge(other));
        return segment.sequence == acknowledged
                || segment.sequence == end
                || (segment.sequence - acknowledged >= 0 && end - segment.sequence >= 0);
    }

    /** Prefetches a flow's words from memory. */
    long touch(int flow) {
        return edges[2 * flow] + windows[2 * flow];
    }

    private static long room(int window) {
        return 1L << ((window & HEARD) != 0 ? window & BITS_MASK : MAX_BITS);
    }

    private static int bits(long window) {
        return Math.min(MAX_BITS, Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, window) - 1));
    }

    private static int later(int known, int seen, boolean isKnown) {
        return !isKnown || seen - known > 0 ? seen : known;
    }

    private static long edge(int end, int acknowledgment) {
        return (long) end << Integer.SIZE | (acknowledgment & 0xffff_ffffL);
    }

    private static int end(long edge) {
        return (int) (edge >>> Integer.SIZE);
    }

    private static int acknowledgment(long edge) {
        return (int) edge;
    }

    private long edge(int own) {
        return (long) EDGES.getOpaque(edges, own);
    }

    private int window(int own) {
        return (int) WINDOWS.getOpaque(windows, own);
    }

    private void set(int own, long edge, int window) {
        EDGES.setOpaque(edges, own, edge);
        if (window != window(own)) {
            WINDOWS.setOpaque(windows, own, window);
        }
    }
}
