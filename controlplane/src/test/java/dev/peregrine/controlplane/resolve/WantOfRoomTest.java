package dev.peregrine.controlplane.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** When a plane is asked for what was refused. */
class WantOfRoomTest {
    private static final long NEVER = Long.MAX_VALUE;
    private static final long PAUSE = 10_000_000_000L;

    private final WantOfRoom want = new WantOfRoom();

    @Test
    void whatWasRefusedFirstIsAskedForThoughMoreIsRefusedSince() {
        assertEquals(NEVER, want.due(0, 5), "nothing was refused");
        want.refused(5);
        assertEquals(NEVER, want.due(0, 5), "nothing has gone");
        want.refused(6); // one has gone, and another took its place
        assertEquals(0, want.due(0, 6));
    }

    @Test
    void eachRefusalIsAskedForOnceAndNotAllTheTime() {
        want.refused(0);
        assertEquals(0, want.due(0, 1));
        want.asked(0);
        assertEquals(NEVER, want.due(1, 2), "it was asked for");
        want.refused(2);
        assertEquals(NEVER, want.due(1, 2), "none has gone since");
        assertEquals(PAUSE - 1, want.due(1, 3));
        assertEquals(0, want.due(PAUSE, 3));
    }
}
