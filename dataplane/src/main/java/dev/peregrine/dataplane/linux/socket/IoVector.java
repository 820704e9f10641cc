package dev.peregrine.dataplane.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.peregrine.dataplane.linux.sys.MessageHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A reusable native {@code iovec[]}: fragments of native memory that one {@code writev} gathers. Nothing is allocated
 * after construction. One thread at a time; the caller keeps the fragments alive.
 */
public final class IoVector implements AutoCloseable {
    /** The most parts that the kernel takes in one call. */
    public static final int MAX_CAPACITY = 1024;

    private final int capacity;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment iovecs;
    private int size;
    private int length;

    /** @param capacity fragments, 1 to 1024 */
    public IoVector(int capacity) {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException("capacity " + capacity + " is not within 1 to " + MAX_CAPACITY);
        }
        this.capacity = capacity;
        this.iovecs = arena.allocate((long) capacity * MessageHeader.IOVEC_SIZE, 64);
    }

    public void clear() {
        size = 0;
        length = 0;
    }

    /** Adds {@code bytes} bytes at a native address. */
    public void append(long address, int bytes) {
        long iovec = (long) Objects.checkIndex(size, capacity) * MessageHeader.IOVEC_SIZE;
        iovecs.set(JAVA_LONG, iovec, address);
        iovecs.set(JAVA_LONG, iovec + 8, bytes);
        size++;
        length += bytes;
    }

    /** Of the first {@code iovec}; constant. */
    public long address() {
        return iovecs.address();
    }

    /** Fragments. */
    public int size() {
        return size;
    }

    /** Bytes of all fragments. */
    public int length() {
        return length;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
