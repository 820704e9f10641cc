package dev.peregrine.dataplane.linux.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * An epoll instance, level-triggered: tells which of many descriptors are readable, or have an error pending. Its own
 * descriptor is readable while one of them is, so that one event loop registration stands for all.
 *
 * <pre>
 * epoll_event   0 events (u32)   4 data (u64)    12 bytes on x86-64, where it is packed
 *               0 events (u32)   8 data (u64)    16 bytes elsewhere
 * </pre>
 *
 * <p>Nothing is allocated after construction. One thread at a time.
 */
public final class Epoll implements AutoCloseable {
    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLLIN = 1;

    private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");
    private static final int EVENT_SIZE = PACKED ? 12 : 16;
    private static final int EVENT_DATA = PACKED ? 4 : 8;

    private final int capacity;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment events;
    private int fd;

    private Epoll(int fd, int capacity) {
        this.fd = fd;
        this.capacity = capacity;
        events = arena.allocate((long) capacity * EVENT_SIZE, 8);
    }

    /**
     * Opens an empty set of descriptors.
     *
     * @param capacity how many descriptors one {@link #poll} reports at most
     */
    public static Epoll open(int capacity) throws LinuxException {
        int fd = Syscalls.epollCreate(EPOLL_CLOEXEC);
        if (fd < 0) {
            throw new LinuxException("epoll_create1", "epoll", fd);
        }
        return new Epoll(fd, capacity);
    }

    public int fd() {
        return fd;
    }

    /**
     * Watches a descriptor until it is closed.
     *
     * @param token what {@link #token} gives for it
     * @return 0 or {@code -errno}
     */
    public int add(int descriptor, int token) {
        events.set(JAVA_INT, 0, EPOLLIN);
        events.set(JAVA_INT_UNALIGNED, EVENT_DATA, token);
        return Syscalls.epollControl(fd, EPOLL_CTL_ADD, descriptor, events.address());
    }

    /** Asks, without waiting, which descriptors are readable; returns how many, or {@code -errno}. */
    public int poll() {
        return poll(0);
    }

    /** As {@link #poll()}, but waits for up to {@code milliseconds} until one is. */
    public int poll(int milliseconds) {
        return Syscalls.epollWait(fd, events.address(), capacity, milliseconds);
    }

    /** The token of the {@code i}-th readable descriptor of the last {@link #poll}. */
    public int token(int i) {
        return events.get(JAVA_INT_UNALIGNED, (long) i * EVENT_SIZE + EVENT_DATA);
    }

    @Override
    public void close() {
        if (fd >= 0) {
            Syscalls.close(fd);
            fd = -1;
            arena.close();
        }
    }
}
