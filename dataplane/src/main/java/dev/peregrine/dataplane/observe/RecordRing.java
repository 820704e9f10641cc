package dev.peregrine.dataplane.observe;

import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.NativeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Records of any length on their way from one worker to one reader: a bounded ring of bytes off the heap. The worker
 * never waits: a record for which there is no room is not written, and counts as {@linkplain #missed missed}.
 *
 * <p>A record is written where it lies: {@link #claim}, {@link NativeMemory} at the address, {@link #publish}. Records
 * lie in one piece and begin at multiples of eight bytes, behind a length; a negative length sends the reader to the
 * start of the ring.
 */
public final class RecordRing implements AutoCloseable {
    private static final int ALIGNMENT = Long.BYTES;
    private static final VarHandle WRITTEN;
    private static final VarHandle READ;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            WRITTEN = lookup.findVarHandle(RecordRing.class, "written", long.class);
            READ = lookup.findVarHandle(RecordRing.class, "read", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final long base;
    private final long capacity;
    private final Counter missed = new Counter();

    /** Bytes written and read since the beginning. Each belongs to one side; the other reads it. */
    private long written;

    private long read;

    /** The writer's: what it last saw of {@link #read}, and the end of the claimed record. */
    private long seenRead;

    private long claimed;

    /**
     * An empty ring.
     *
     * @param capacity bytes, a power of two of at least 64
     */
    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    public RecordRing(int capacity) {
        if (capacity < ALIGNMENT * ALIGNMENT || Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("capacity " + capacity);
        }
        this.capacity = capacity;
        memory = arena.allocate(capacity, ALIGNMENT);
        base = memory.address();
    }

    // ---- the worker ---------------------------------------------------------------------------------------------

    /**
     * Room for a record of {@code bytes} bytes, for the worker to fill.
     *
     * @return the address of its first byte; 0 when there is no room, which counts as missed
     */
    public long claim(int bytes) {
        long needed = slot(bytes);
        long at = written & (capacity - 1);
        long skipped = at + needed > capacity ? capacity - at : 0;
        long end = written + skipped + needed;
        if (needed > capacity || end - seenRead > capacity) {
            seenRead = (long) READ.getAcquire(this);
            if (needed > capacity || end - seenRead > capacity) {
                missed.add(1);
                return 0;
            }
        }
        if (skipped > 0) {
            NativeMemory.putLong(base + at, -1);
            at = 0;
        }
        NativeMemory.putLong(base + at, bytes);
        claimed = end;
        return base + at + Long.BYTES;
    }

    /** Copies bytes into the claimed record. */
    public void put(long address, MemorySegment from, long offset, long bytes) {
        MemorySegment.copy(from, offset, memory, address - base, bytes);
    }

    /** Hands the claimed record to the reader. */
    public void publish() {
        WRITTEN.setRelease(this, claimed);
    }

    /** Counts something that was not written for another reason than a lack of room. */
    public void miss(int records) {
        missed.add(records);
    }

    private static long slot(int bytes) {
        return (Long.BYTES + bytes + ALIGNMENT - 1L) & -ALIGNMENT;
    }

    // ---- the reader ---------------------------------------------------------------------------------------------

    /**
     * Shows the records that wait, at most {@code limit}, in order. A buffer is the record, in network byte order, and
     * is valid during the call only.
     *
     * @return how many there were
     */
    public int read(Consumer<ByteBuffer> reader, int limit) {
        long end = (long) WRITTEN.getAcquire(this);
        long at = read;
        int count = 0;
        while (at < end && count < limit) {
            long place = at & (capacity - 1);
            long length = memory.get(ValueLayout.JAVA_LONG, place);
            if (length < 0) {
                at += capacity - place;
                continue;
            }
            reader.accept(memory.asSlice(place + Long.BYTES, length).asByteBuffer());
            at += slot((int) length);
            count++;
        }
        READ.setRelease(this, at);
        return count;
    }

    /** Records that were not written; any thread may ask. */
    public long missed() {
        return missed.value();
    }

    /** Frees the memory; the worker must not write any more. */
    @Override
    public void close() {
        arena.close();
    }
}
