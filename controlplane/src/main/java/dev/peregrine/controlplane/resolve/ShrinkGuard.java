package dev.peregrine.controlplane.resolve;

import java.util.Arrays;

/**
 * Notices that a plane loses more than half of what it had, within one picture or five seconds. Its removals then wait
 * for {@code shrinkHold} and for a second look.
 */
final class ShrinkGuard {
    /** Kinds of things that are counted. */
    static final int VTEPS = 0;

    static final int STATIONS = 1;
    private static final int KINDS = 2;

    /** How much a thing is there. */
    static final int ABSENT = 0;

    static final int LEAVING = 1;
    static final int STANDING = 2;

    /** A plane that loses this many at most is believed. */
    static final int FEW = 10;

    private static final int SECONDS = 5;
    private static final long SECOND = 1_000_000_000L;

    private final int[][] count = new int[KINDS][3];
    private final int[][] removed = new int[KINDS][SECONDS];
    private long second;
    private Phase phase = Phase.OPEN;
    private long holdsSince;
    private int releasing;

    private enum Phase {
        /** Removals are made when they are due. */
        OPEN,
        /** None is made until a time. */
        HOLDING,
        /** None is made until a picture that was asked for is there. */
        LOOKING,
        /** Those that were confirmed are made. */
        RELEASING
    }

    /** A thing of a kind changes from one to another of absent, leaving, standing. */
    void changed(int kind, int from, int to) {
        count[kind][from]--;
        count[kind][to]++;
        if (from == LEAVING && to == ABSENT) removed[kind][(int) Math.floorMod(second, (long) SECONDS)]++;
    }

    int standing(int kind) {
        return count[kind][STANDING];
    }

    /** Those of a kind that were withdrawn lately. */
    int lost(int kind) {
        int lost = count[kind][LEAVING];
        for (int inSecond : removed[kind]) lost += inSecond;
        return lost;
    }

    void tick(long now) {
        long current = Math.floorDiv(now, SECOND);
        for (long at = Math.max(second + 1, current - SECONDS + 1); at <= current; at++) {
            for (int[] ofKind : removed) ofKind[(int) Math.floorMod(at, (long) SECONDS)] = 0;
        }
        second = current;
    }

    private void forgetRemoved() {
        for (int[] ofKind : removed) Arrays.fill(ofKind, 0);
    }

    private boolean isTooMuch() {
        for (int kind = 0; kind < KINDS; kind++) {
            int lost = lost(kind);
            if (lost > FEW && lost > standing(kind)) return true;
        }
        return false;
    }

    /** Which kind has lost too much, for people. */
    int worstKind() {
        return lost(VTEPS) > FEW && lost(VTEPS) > standing(VTEPS) ? VTEPS : STATIONS;
    }

    /** Looks at what was lost: whether removals begin to wait. */
    boolean trips(long now) {
        if (phase != Phase.OPEN || !isTooMuch()) return false;
        phase = Phase.HOLDING;
        holdsSince = now;
        return true;
    }

    /** Whether enough came back for the wait to end. */
    boolean recovers() {
        if (!holds() || isTooMuch()) return false;
        phase = Phase.OPEN;
        return true;
    }

    boolean holds() {
        return phase == Phase.HOLDING || phase == Phase.LOOKING;
    }

    /** Nanoseconds until the second look; {@link Long#MAX_VALUE} when none is to come. */
    long untilLook(long now, long shrinkHold) {
        return phase == Phase.HOLDING ? Math.max(0, shrinkHold - (now - holdsSince)) : Long.MAX_VALUE;
    }

    /** The time is up: the next picture decides. */
    void look() {
        phase = Phase.LOOKING;
    }

    boolean looks() {
        return phase == Phase.LOOKING;
    }

    /** The leaving claims are confirmed: the first {@code removals} of the queue may be made. */
    void release(int removals) {
        phase = removals > 0 ? Phase.RELEASING : Phase.OPEN;
        releasing = removals;
        forgetRemoved();
    }

    boolean releases() {
        return phase == Phase.RELEASING;
    }

    /** One of the confirmed removals was made, or is void. */
    void released() {
        if (--releasing > 0) return;
        phase = Phase.OPEN;
        forgetRemoved();
    }

    /** Begins again: nothing was lost. */
    void reset() {
        phase = Phase.OPEN;
        forgetRemoved();
    }
}
