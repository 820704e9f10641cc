package dev.peregrine.fastpath;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Counts the changes of the tables that forwarding decisions depend on, and keeps the number of the last change of
 * every segment.
 *
 * <p>A writer changes its table first and advances the epoch second. A worker reads {@link #now} first and lets the
 * chain decide second; the decision holds while {@link #isCurrent} returns true. So a decision made before a change, or
 * during it, is out of date as soon as the epoch has advanced. A change in one segment leaves the decisions of the
 * others in force.
 *
 * <p>Any thread may call any method; none waits.
 */
public final class Epoch {
    private final AtomicLong changes = new AtomicLong();
    private final AtomicLong everywhere = new AtomicLong();
    private final AtomicLongArray last;
    private volatile @Nullable Mirror mirror;

    /** Is told of each change, before it is in force for anyone who is told so. Any thread; older news may come later. */
    public interface Mirror {
        /** The number of the last change in a segment, or everywhere where that is -1. */
        void changed(int segment, long number);
    }

    /** For segments with indices below {@code segments}. */
    public Epoch(int segments) {
        last = new AtomicLongArray(segments);
    }

    /** Has another one told of all changes: of those that there were, now. Null for none any more. */
    public void mirror(@Nullable Mirror other) {
        mirror = other;
        if (other != null) {
            for (int segment = 0; segment < last.length(); segment++) {
                other.changed(segment, last.get(segment));
            }
            other.changed(-1, everywhere.get());
        }
    }

    private void tell(int segment, long number) {
        Mirror told = mirror;
        if (told != null) {
            told.changed(segment, number);
        }
    }

    /** The number of the last change, on which later decisions depend. */
    public long now() {
        return changes.getAcquire();
    }

    /** Whether a decision in a segment, begun at {@code since}, still holds. */
    public boolean isCurrent(int segment, long since) {
        return segment < last.length() && since >= last.getAcquire(segment) && since >= everywhere.getAcquire();
    }

    /**
     * Ends all earlier decisions in a segment whose tables have just changed; for a segment out of range, all
     * decisions.
     */
    public void advance(int segment) {
        if (segment < 0 || segment >= last.length()) {
            advanceAll();
            return;
        }
        long number = changes.incrementAndGet();
        last.accumulateAndGet(segment, number, Math::max);
        tell(segment, number);
    }

    /** Ends all earlier decisions. */
    public void advanceAll() {
        long number = changes.incrementAndGet();
        everywhere.accumulateAndGet(number, Math::max);
        tell(-1, number);
    }
}
