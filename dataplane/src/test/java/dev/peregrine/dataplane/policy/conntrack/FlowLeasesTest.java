package dev.peregrine.dataplane.policy.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class FlowLeasesTest extends FlowTrackerFixture {
    private static final byte[] THERE = FrameBuilder.udp4().ports(1000, 2000).build();
    private static final byte[] BACK = FrameBuilder.udp4()
            .addresses("198.19.0.2", "198.19.0.1")
            .ports(2000, 1000)
            .build();

    private FlowLeases leases = new FlowLeases(states);
    private int place;
    private long seen;

    /** A packet walks, and its state is left. */
    private void walk(byte[] frame) {
        Packet packet = Packets.frame(pool, frame).segment(segment);
        FlowRecording recording = new FlowRecording(0);
        recording.begin(packet);
        if (tracker.follow(packet, zone, now) == FlowState.NEW) {
            assertTrue(tracker.open(packet));
        }
        tracker.leave(recording);
        place = recording.preconditionSlot(0);
        seen = recording.preconditionSeen(0);
        pool.release(packet);
    }

    private long left(long usedNanos) {
        long until = leases.passed(place, seen, usedNanos, now);
        return until == 0 ? 0 : until - now;
    }

    @Test
    void itEndsBeforeTheFlowDoesAndNotMuchEarlier() {
        walk(THERE);
        long begun = now;
        long until = now + left(now);
        now = until - 1;
        assertEquals(FlowState.ESTABLISHED, follow(THERE), "it is still there when the lease ends");
        states = new FlowStates(1000, FlowTimeouts.DEFAULT, false);
        tracker = states.tracker(true, states.tally());
        leases = new FlowLeases(states);
        now = begun;
        walk(THERE);
        now = until + SECOND;
        assertEquals(FlowState.NEW, follow(THERE), "it has expired a second later");
        assertEquals(0, left(begun));
    }

    @Test
    void packetsThatPassElsewhereKeepAFlowAlive() {
        walk(THERE);
        for (int i = 0; i < 1_000; i++) {
            now += SECOND;
            assertTrue(left(now) > SECOND, "after " + i + " s");
        }
        assertEquals(FlowState.ESTABLISHED, follow(THERE));
    }

    @Test
    void aSilentFlowLivesNoLonger() {
        walk(THERE);
        long used = now;
        long before = left(used);
        now += 5 * SECOND;
        assertEquals((double) (before - 5 * SECOND), (double) left(used), (double) SECOND);
    }

    @Test
    void aChangeOfTheStateEndsIt() {
        walk(THERE);
        walkOther(BACK);
        assertEquals(0, left(now), "a reply has come");
        walk(THERE);
        assertTrue(left(now) > 0);
        states.flows().flush(_ -> true, now);
        assertEquals(0, left(now), "it was flushed");
    }

    private void walkOther(byte[] frame) {
        assertEquals(FlowState.ESTABLISHED, pass(frame));
    }

    @Test
    void onlyTheAgeOfAWordDoesNotDecide() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment words = arena.allocate((long) Long.BYTES * FlowStates.words(16), Long.BYTES);
            states = new FlowStates(16, FlowTimeouts.DEFAULT, false, words);
            tracker = states.tracker(true, states.tally());
            leases = new FlowLeases(states);
            walk(THERE);
            now += 3 * SECOND;
            assertTrue(left(now) > 0);
            long word = words.getAtIndex(ValueLayout.JAVA_LONG, FlowStates.word(place));
            assertTrue(word != seen, "its age has changed");
            assertEquals(seen & FlowLeases.DECIDING_BITS, word & FlowLeases.DECIDING_BITS);
        }
    }
}
