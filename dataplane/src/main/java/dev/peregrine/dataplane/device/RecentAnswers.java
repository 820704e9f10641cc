package dev.peregrine.dataplane.device;

import dev.peregrine.dataplane.header.Mix;

/**
 * Which questions for an address one worker answered a moment ago, and whose they were: one who asks again was not
 * helped by the answer. A fixed number of places, where a newer answer takes the place of an older; a question that is
 * forgotten that way is taken for a first one.
 */
final class RecentAnswers {
    /** For how long an answer is remembered. */
    static final long MEMORY_NANOS = 5_000_000_000L;

    private static final int PLACES = 256;

    /** The hashes of the questions; 0 in a place that was never used. */
    private final long[] questions = new long[PLACES];

    private final long[] answeredNanos = new long[PLACES];

    /** Notes that a question is answered; true when the same was answered less than {@link #MEMORY_NANOS} ago. */
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
