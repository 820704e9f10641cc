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

class TrailTest {
    private static final Rewrite NOTHING = packet -> true;

    private final PacketPool pool = new PacketPool(4, 4);
    private final Trail trail = new Trail(5);
    private final Packet packet = requireNonNull(pool.acquire());

    @BeforeEach
    void begin() {
        trail.begin(packet);
    }

    @AfterEach
    void freePool() {
        pool.close();
    }

    @Test
    void aPacketKeepsItsTrailUntilItIsReleased() {
        assertSame(trail, packet.trail());
        assertTrue(trail.isTaken());
        pool.release(packet);
        assertFalse(trail.isTaken());
        assertNull(requireNonNull(pool.acquire()).trail());
    }

    @Test
    void copiesAndOtherViewsHaveNoTrail() {
        packet.put(60);
        assertNull(requireNonNull(pool.copy(packet)).trail());
        assertNull(requireNonNull(pool.share(packet)).trail());
    }

    @Test
    void aLimitThatIsNoneLimitsNothing() {
        trail.limit(Integer.MAX_VALUE + 14L);
        assertEquals(Integer.MAX_VALUE, trail.limit());
    }

    @Test
    void theSmallestLimitCounts() {
        trail.limit(1500);
        trail.limit(1400);
        trail.limit(9000);
        assertEquals(1400, trail.limit());
    }

    @Test
    void aSecondRewriteSpoilsIt() {
        trail.rewrite(NOTHING);
        assertFalse(trail.isSpoilt());
        assertSame(NOTHING, trail.rewrite());
        trail.rewrite(NOTHING);
        assertTrue(trail.isSpoilt());
    }

    @Test
    void moreNotesThanThereIsRoomForSpoilIt() {
        Refresh refresh = (note, nowNanos) -> nowNanos;
        for (int i = 0; i < Trail.MOST_REFRESHES; i++) {
            trail.refresh(refresh, i, 100 - i);
            assertFalse(trail.isSpoilt());
        }
        assertEquals(101 - Trail.MOST_REFRESHES, trail.dueNanos());
        assertEquals(1, trail.refreshNote(1));
        trail.refresh(refresh, 9, 9);
        assertTrue(trail.isSpoilt());
        assertEquals(Trail.MOST_REFRESHES, trail.refreshes());
    }

    @Test
    void moreCountsOrWatchesThanThereIsRoomForSpoilIt() {
        Tally tally = (segments, bytes) -> {};
        Watch watch = (place, seen, nowNanos) -> true;
        for (int i = 0; i < Trail.MOST_CHECKS; i++) {
            trail.tally(tally);
            trail.watch(watch, i, -i);
        }
        assertFalse(trail.isSpoilt());
        assertEquals(2, trail.watchPlace(2));
        assertEquals(-2, trail.watchSeen(2));
        trail.tally(tally);
        assertTrue(trail.isSpoilt());
        assertEquals(Trail.MOST_CHECKS, trail.tallies());
    }

    @Test
    void beginsEmpty() {
        trail.rewrite(NOTHING);
        trail.limit(3);
        trail.refresh((note, nowNanos) -> nowNanos, 1, 2);
        trail.tally((segments, bytes) -> {});
        trail.watch((place, seen, nowNanos) -> true, 1, 2);
        trail.spoil();
        pool.release(packet);
        trail.begin(requireNonNull(pool.acquire()));
        assertFalse(trail.isSpoilt());
        assertNull(trail.rewrite());
        assertEquals(Integer.MAX_VALUE, trail.limit());
        assertEquals(Long.MAX_VALUE, trail.dueNanos());
        assertEquals(0, trail.refreshes());
        assertEquals(0, trail.tallies());
        assertEquals(0, trail.watches());
    }
}
