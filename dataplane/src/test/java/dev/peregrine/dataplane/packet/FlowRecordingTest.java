package dev.peregrine.dataplane.packet;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FlowRecordingTest {
    private static final Rewrite NOTHING = packet -> true;

    private final PacketPool pool = new PacketPool(4, 4);
    private final FlowRecording recording = new FlowRecording(5);
    private final Packet packet = requireNonNull(pool.acquire());

    @BeforeEach
    void begin() {
        recording.begin(packet);
    }

    @AfterEach
    void freePool() {
        pool.close();
    }

    @Test
    void aPacketKeepsItsTrailUntilItIsReleased() {
        assertSame(recording, packet.recording());
        assertTrue(recording.isTaken());
        pool.release(packet);
        assertFalse(recording.isTaken());
        assertNull(requireNonNull(pool.acquire()).recording());
    }

    @Test
    void copiesAndOtherViewsHaveNoTrail() {
        packet.put(60);
        assertNull(requireNonNull(pool.copy(packet)).recording());
        assertNull(requireNonNull(pool.share(packet)).recording());
    }

    @Test
    void aLimitThatIsNoneLimitsNothing() {
        recording.limit(Integer.MAX_VALUE + 14L);
        assertEquals(Integer.MAX_VALUE, recording.limit());
    }

    @Test
    void theSmallestLimitCounts() {
        recording.limit(1500);
        recording.limit(1400);
        recording.limit(9000);
        assertEquals(1400, recording.limit());
    }

    @Test
    void aSecondRewriteSpoilsIt() {
        recording.rewrite(NOTHING);
        assertFalse(recording.isUncacheable());
        assertSame(NOTHING, recording.rewrite());
        recording.rewrite(NOTHING);
        assertTrue(recording.isUncacheable());
    }

    @Test
    void moreNotesThanThereIsRoomForSpoilIt() {
        KeepAlive keepAlive = (note, nowNanos) -> nowNanos;
        for (int i = 0; i < FlowRecording.MAX_KEEP_ALIVES; i++) {
            recording.keepAlive(keepAlive, i, 100 - i);
            assertFalse(recording.isUncacheable());
        }
        assertEquals(101 - FlowRecording.MAX_KEEP_ALIVES, recording.dueNanos());
        assertEquals(1, recording.keepAliveNote(1));
        recording.keepAlive(keepAlive, 9, 9);
        assertTrue(recording.isUncacheable());
        assertEquals(FlowRecording.MAX_KEEP_ALIVES, recording.keepAlives());
    }

    @Test
    void moreCountsOrWatchesThanThereIsRoomForSpoilIt() {
        HitCount hitCount = (segments, bytes) -> {};
        Precondition precondition = (place, seen, nowNanos) -> true;
        for (int i = 0; i < FlowRecording.MAX_CHECKS; i++) {
            recording.count(hitCount);
            recording.require(precondition, i, -i);
        }
        assertFalse(recording.isUncacheable());
        assertEquals(2, recording.preconditionSlot(2));
        assertEquals(-2, recording.preconditionSeen(2));
        recording.count(hitCount);
        assertTrue(recording.isUncacheable());
        assertEquals(FlowRecording.MAX_CHECKS, recording.counts());
    }

    @Test
    void beginsEmpty() {
        recording.rewrite(NOTHING);
        recording.limit(3);
        recording.keepAlive((note, nowNanos) -> nowNanos, 1, 2);
        recording.count((segments, bytes) -> {});
        recording.require((place, seen, nowNanos) -> true, 1, 2);
        recording.markUncacheable();
        pool.release(packet);
        recording.begin(requireNonNull(pool.acquire()));
        assertFalse(recording.isUncacheable());
        assertNull(recording.rewrite());
        assertEquals(Integer.MAX_VALUE, recording.limit());
        assertEquals(Long.MAX_VALUE, recording.dueNanos());
        assertEquals(0, recording.keepAlives());
        assertEquals(0, recording.counts());
        assertEquals(0, recording.preconditions());
    }
}
