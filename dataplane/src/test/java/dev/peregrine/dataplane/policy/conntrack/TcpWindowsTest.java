package dev.peregrine.dataplane.policy.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.testing.Seed;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Connections as real ends have them: none of their segments is taken for a blind one, and hardly any blind one for
 * theirs.
 */
class TcpWindowsTest {
    private static final int SUPERFRAME = 64_000;

    private final Seed seed = Seed.ofThisRun();
    private final SplittableRandom random = seed.random();
    private final TcpWindows windows = new TcpWindows(4);

    /** One end of a connection. */
    private final class End {
        private final boolean low;
        private final int scale;
        private final int window;
        private int next = random.nextInt();
        private int unacknowledged;
        private int received;

        /** The bytes that the other may have on the way: in a SYN the window is not scaled. */
        private int offered;

        End(boolean low, int scale) {
            this.low = low;
            this.scale = scale;
            window = 1000 + random.nextInt(64_000);
            offered = window;
        }

        TcpSegment segment(int flags, int sequence, int bytes) {
            TcpSegment segment = new TcpSegment();
            segment.flags = flags;
            segment.sequence = sequence;
            boolean counts = (flags & (TcpHeader.SYN | TcpHeader.FIN)) != 0;
            segment.end = sequence + bytes + (counts ? 1 : 0);
            segment.acknowledgment = received;
            segment.window = window;
            segment.scale = (flags & TcpHeader.SYN) != 0 ? scale : -1;
            return segment;
        }

        boolean sends(int sequence, int bytes) {
            offered = window << Math.max(0, scale);
            return windows.accept(1, low, segment(TcpHeader.ACK, sequence, bytes));
        }

        /** How much more the other takes. */
        int room(End other) {
            return other.offered - (next - unacknowledged);
        }
    }

    @Test
    void everySegmentOfRealEndsBelongsWhateverIsLostOrSentAgain() {
        for (int round = 0; round < 300; round++) {
            live(random.nextBoolean(), random.nextInt(15));
        }
    }

    private void live(boolean scales, int scale) {
        End a = new End(true, scales ? scale : -1);
        End b = new End(false, scales ? scale : -1);
        boolean seenFromTheStart = random.nextInt(4) > 0;
        if (seenFromTheStart) {
            windows.begin(1, true, a.segment(TcpHeader.SYN, a.next, 0));
        }
        b.received = ++a.next;
        if (seenFromTheStart) {
            windows.introduce(1, false, b.segment(TcpHeader.SYN | TcpHeader.ACK, b.next, 0));
        }
        a.received = ++b.next;
        a.unacknowledged = a.next;
        b.unacknowledged = b.next;
        if (!seenFromTheStart) {
            windows.begin(1, true, a.segment(TcpHeader.ACK, a.next, 0));
        }
        assertTrue(a.sends(a.next, 0), seed + ": the handshake's last");
        for (int step = 0; step < 400; step++) {
            exchange(random.nextBoolean() ? a : b, a, b, step);
        }
        resetsAndFins(a, b);
    }

    private void exchange(End sender, End a, End b, int step) {
        End other = sender == a ? b : a;
        String where = seed + ", step " + step;
        int room = Math.min(sender.room(other), SUPERFRAME);
        if (random.nextInt(4) == 0 && sender.next != sender.unacknowledged) {
            int back = Math.min(sender.next - sender.unacknowledged, SUPERFRAME);
            assertTrue(sender.sends(sender.unacknowledged, back), where + ": again");
            return;
        }
        int bytes = room <= 0 ? 0 : random.nextInt(room + 1);
        assertTrue(sender.sends(sender.next, bytes), where + ": new");
        sender.next += bytes;
        if (random.nextInt(3) > 0) { // else lost behind us, or not acknowledged yet
            other.received = sender.next;
            sender.unacknowledged = sender.next;
            assertTrue(other.sends(other.next, 0), where + ": acknowledged");
        }
        if (random.nextInt(8) == 0) {
            assertTrue(sender.sends(sender.next - 1, 0), where + ": a keep-alive");
        }
    }

    private void resetsAndFins(End a, End b) {
        assertTrue(a.sends(a.next, 0));
        assertTrue(b.sends(b.next, 0));
        int believed = 0;
        for (int i = 0; i < 1000; i++) {
            believed += windows.isReset(1, true, a.segment(TcpHeader.RST, random.nextInt(), 0)) ? 1 : 0;
        }
        double share = (a.next - a.unacknowledged) / 4e9; // of all sequence numbers, what is on the way
        assertTrue(believed <= 10 + 1000 * 3 * share, seed + ": " + believed + " blind ones");
        assertTrue(windows.isReset(1, true, a.segment(TcpHeader.RST, a.next, 0)), seed + ": its own");
        assertTrue(windows.isReset(1, false, b.segment(TcpHeader.RST, b.next, 0)), seed + ": the other's");
        assertTrue(windows.isReset(1, true, a.segment(TcpHeader.RST, b.received, 0)), seed + ": in answer");
    }

    @Test
    void blindFinOrAckFarFromTheWindowDoesNotBelong() {
        End a = new End(true, -1);
        End b = new End(false, -1);
        windows.begin(1, true, a.segment(TcpHeader.SYN, a.next++, 0));
        b.received = a.next;
        windows.introduce(1, false, b.segment(TcpHeader.SYN | TcpHeader.ACK, b.next++, 0));
        a.received = b.next;
        assertTrue(a.sends(a.next, 0));
        for (int away : new int[] {1 << 17, -(1 << 17), 1 << 30, Integer.MIN_VALUE}) {
            assertFalse(a.sends(a.next + away, 0), seed + ": " + away);
            TcpSegment answer = b.segment(TcpHeader.FIN | TcpHeader.ACK, b.next, 0);
            answer.acknowledgment += away;
            assertFalse(windows.accept(1, false, answer), seed + ": acknowledges " + away);
        }
        assertTrue(a.sends(a.next, 100), seed.toString());
    }

    @Test
    void aRefusalMustAcknowledgeTheSyn() {
        End a = new End(true, 7);
        windows.begin(2, true, a.segment(TcpHeader.SYN, a.next, 0));
        TcpSegment refusal = new End(false, -1).segment(TcpHeader.RST | TcpHeader.ACK, 0, 0);
        refusal.acknowledgment = a.next + 1;
        assertTrue(windows.isReset(2, false, refusal), seed.toString());
        refusal.acknowledgment = a.next + 2;
        assertFalse(windows.isReset(2, false, refusal), seed.toString());
        assertEquals(0, refusal.sequence);
    }
}
