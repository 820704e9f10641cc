package dev.peregrine.controlplane.resolve;

/**
 * That claims of a plane were refused because it had as many as it may. When others have gone, the plane is asked for
 * its picture, which has those that were refused.
 */
final class WantOfRoom {
    /** Between two such pictures. */
    private static final long PAUSE = 10_000_000_000L;

    private boolean isFelt;
    private long removalsWhenFull;
    private boolean hasAsked;
    private long askedAt;

    /**
     * A claim was refused.
     *
     * @param removals how many claims were removed so far
     */
    void refused(long removals) {
        if (isFelt) return; // there may be room for the first one since, though not for this
        isFelt = true;
        removalsWhenFull = removals;
    }

    /**
     * After how many nanoseconds the plane is to be asked; {@link Long#MAX_VALUE} while it is not.
     *
     * @param removals as in {@link #refused}
     */
    long due(long now, long removals) {
        if (!isFelt || removals == removalsWhenFull) return Long.MAX_VALUE;
        return hasAsked ? Math.max(0, PAUSE - (now - askedAt)) : 0;
    }

    /** The plane is asked. */
    void asked(long now) {
        isFelt = false;
        hasAsked = true;
        askedAt = now;
    }
}
