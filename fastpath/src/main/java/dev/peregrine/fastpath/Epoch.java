package dev.peregrine.fastpath;

import dev.peregrine.dataplane.packet.NativeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Counts the changes of the tables that forwarding decisions depend on, and keeps the number of the last change of
 * every segment.
 *
 * <pre>
 *   words (u64 each)   | last change everywhere | of segment 0 | of segment 1 | …
 * </pre>
 *
 * <p>A writer changes its table first and advances the epoch second. A worker reads {@link #now} first and lets the
 * chain decide second; the decision holds while {@link #isCurrent} returns true. So a decision made before a change, or
 * during it, is out of date as soon as the epoch has advanced. A change in one segment leaves the decisions of the
 * others in force.
 *
 * <p>The words may lie in memory that BPF programs read as well: then the store that ends a decision here ends it
 * there.
 *
 * <p>Any thread may call any method; none waits.
 */
public final class Epoch {
    private static final int EVERYWHERE = -1;

    private final AtomicLong changes = new AtomicLong();
    private final int segments;
    private final long everywhere;

    private volatile @Nullable Mirror mirror;

    /** Is told of each change before whoever makes it goes on. Any thread; older news may come later. */
    @FunctionalInterface
    public interface Mirror {
        /** The number of the last change in a segment, or everywhere where that is -1. */
        void changed(int segment, long number);
    }

    /** Keeps the memory. */
    @SuppressWarnings("UnusedVariable")
    private final MemorySegment words;

    /** For segments with indices below {@code segments}. */
    public Epoch(int segments) {
        this(segments, Arena.ofAuto().allocate(bytes(segments), Long.BYTES));
    }

    /**
     * The same, with its words in given memory.
     *
     * @param words native memory of at least {@link #bytes}, all zero, at an address that is a multiple of 8; must last
     *     as long as the epoch is used
     */
    public Epoch(int segments, MemorySegment words) {
        if (!words.isNative() || words.byteSize() < bytes(segments) || words.address() % Long.BYTES != 0) {
            throw new IllegalArgumentException(words + " is not native memory of " + bytes(segments) + " bytes");
        }
        this.segments = segments;
        this.words = words;
        everywhere = words.address();
    }

    /** Bytes of the words for segments with indices below {@code segments}. */
    public static long bytes(int segments) {
        return (1L + segments) * Long.BYTES;
    }

    /** Has another one told of all changes, first of those that there were. Null for none any more. */
    public void mirror(@Nullable Mirror other) {
        mirror = other;
        for (int segment = EVERYWHERE; other != null && segment < segments; segment++) {
            other.changed(segment, NativeMemory.getLongAcquire(at(segment)));
        }
    }

    private long at(int segment) {
        return everywhere + (1L + segment) * Long.BYTES;
    }

    /** The number of the last change, on which later decisions depend. */
    public long now() {
        return changes.getAcquire();
    }

    /** Whether a decision in a segment, begun at {@code since}, still holds. */
    public boolean isCurrent(int segment, long since) {
        return Integer.compareUnsigned(segment, segments) < 0
                && since >= NativeMemory.getLongAcquire(at(segment))
                && since >= NativeMemory.getLongAcquire(everywhere);
    }

    /**
     * Ends all earlier decisions in a segment whose tables have just changed; for a segment out of range, all
     * decisions.
     */
    public void advance(int segment) {
        if (segment < 0 || segment >= segments) {
            advanceAll();
            return;
        }
        advanceWord(segment);
    }

    /** Ends all earlier decisions. */
    public void advanceAll() {
        advanceWord(EVERYWHERE);
    }

    /** A change that was numbered later may have been stored earlier. */
    private void advanceWord(int segment) {
        long address = at(segment);
        long number = changes.incrementAndGet();
        long last;
        do {
            last = NativeMemory.getLongAcquire(address);
        } while (last < number && !NativeMemory.compareAndSetLong(address, last, number));
        Mirror told = mirror;
        if (told != null) {
            told.changed(segment, number);
        }
    }
}
