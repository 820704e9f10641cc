package dev.peregrine.fastpath;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts the changes of the tables that forwarding decisions rest on, and knows for every segment the number of its
 * last one.
 *
 * <p>A writer changes its table first and advances the epoch second. A worker takes {@link #now} first and has the
 * chain decide second; the decision holds while {@link #isCurrent} says so. Then a decision that was made before a
 * change, or while it was under way, is out of date as soon as the epoch has advanced. A change in one segment leaves
 * the decisions of the others in force.
 *
 * <p>Any thread may call everything; nothing waits.
 */
public final class Epoch {
    private final AtomicLong changes = new AtomicLong();
    private final AtomicLong everywhere = new AtomicLong();
    private final AtomicLongArray last;

    /** For segments with indices below {@code segments}. */
    public Epoch(int segments) {
        last = new AtomicLongArray(segments);
    }

    /** The number of the last change: what is decided from now on rests on it. */
    public long now() {
        return changes.getAcquire();
    }

    /** Whether a decision in a segment that was begun at {@code since} still holds. */
    public boolean isCurrent(int segment, long since) {
        return segment < last.length() && since >= last.getAcquire(segment) && since >= everywhere.getAcquire();
    }

    /**
     * Puts an end to all earlier decisions in a segment, whose tables have just been changed; of a segment that this
     * was not made for, to all decisions.
     */
    public void advance(int segment) {
        if (segment < 0 || segment >= last.length()) {
            advanceAll();
            return;
        }
        long number = changes.incrementAndGet();
        last.accumulateAndGet(segment, number, Math::max);
    }

    /** Puts an end to all earlier decisions. */
    public void advanceAll() {
        long number = changes.incrementAndGet();
        everywhere.accumulateAndGet(number, Math::max);
    }
}
