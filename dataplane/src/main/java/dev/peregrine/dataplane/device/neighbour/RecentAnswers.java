package dev.peregrine.dataplane.device.neighbour;

import dev.peregrine.dataplane.header.Mix;

/**
 * The questions for an address, with their askers, that one worker answered recently: a repeated question means that
 * the answer did not help. The number of places is fixed, and a newer answer replaces an older one; a question that is
 * forgotten in this way counts as a first one.
 */
final class RecentAnswers {
    /** The time for which an answer is remembered. */
    static final long MEMORY_NANOS = 5_000_000_000L;

    private static final int PLACES = 256;

    /** The hashes of the questions; 0 in a place that was never used. */
    private final long[] questions = new long[PLACES];

    private final long[] answeredNanos = new long[PLACES];

    /** Records an answered question; true when the same one was answered less than {@link #MEMORY_NANOS} ago. */
    boolean repeats(int segment, long high, long low, long asking, long nowNanos) {
        long question = hash(segment, high, low, asking);
        int place = (int) (question >>> 56);
        boolean known = questions[place] == question && nowNanos - answeredNanos[place] < MEMORY_NANOS;
        questions[place] = question;
        answeredNanos[place] = nowNanos;
        return known;
    }

    /** Two questions with one hash cost at most a question that is flooded. */
    private static long hash(int segment, long high, long low, long asking) {
        long hash = (asking << 16 ^ segment) * Mix.GOLDEN;
        hash = (hash ^ (hash >>> 29) ^ low) * Mix.GOLDEN;
        hash = (hash ^ (hash >>> 32) ^ high) * Mix.GOLDEN;
        return hash | 1;
    }
}
