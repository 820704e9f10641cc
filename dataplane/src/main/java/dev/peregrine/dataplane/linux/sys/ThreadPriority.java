package dev.peregrine.dataplane.linux.sys;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The weight of the calling thread among those that want its CPU, and for how long it wants that at a time. New threads
 * inherit both from the thread that starts them.
 */
public final class ThreadPriority {
    /** The greatest weight. */
    public static final int MOST = -20;

    /** The least. */
    public static final int LEAST = 19;

    /** The shortest slice that Linux gives: a tenth of a millisecond. */
    public static final long SHORTEST_SLICE_NANOS = 100_000;

    /** The longest: a tenth of a second. */
    public static final long LONGEST_SLICE_NANOS = 100_000_000;

    private static final int PRIO_PROCESS = 0;
    private static final int THIS_THREAD = 0;

    /**
     * {@code struct sched_attr}: size, policy, flags (8 bytes), nice, priority, runtime (8 bytes), and the unchanged
     * rest.
     */
    private static final int ATTRIBUTES_BYTES = 48;

    private static final long RUNTIME = 24;

    private ThreadPriority() {}

    /**
     * Sets the nice value of the calling thread; 1 less is a quarter more weight. A value below the present one wants
     * CAP_SYS_NICE in the initial user namespace, or RLIMIT_NICE.
     */
    public static void nice(int value) throws LinuxException {
        if (value < MOST || value > LEAST) {
            throw new IllegalArgumentException("nice " + value + " is not within " + MOST + " to " + LEAST);
        }
        int result = ThreadCalls.setpriority(PRIO_PROCESS, THIS_THREAD, value);
        if (result < 0) {
            throw new LinuxException(
                    "setpriority", "nice " + value, result, "a value below the present one wants CAP_SYS_NICE");
        }
    }

    /**
     * Sets the slice that the calling thread asks the scheduler for. A thread with a shorter slice that wakes up takes
     * the CPU from one with a longer slice at once, where it has had less than its share of it; the shares stay the
     * same. Linux before 6.12, whose threads all have the same slice, ignores it. No privilege is needed.
     *
     * @param nanos from {@link #SHORTEST_SLICE_NANOS} to {@link #LONGEST_SLICE_NANOS}
     */
    public static void slice(long nanos) throws LinuxException {
        if (nanos < SHORTEST_SLICE_NANOS || nanos > LONGEST_SLICE_NANOS) {
            throw new IllegalArgumentException(
                    "a slice of " + nanos + " ns is not within " + SHORTEST_SLICE_NANOS + " to " + LONGEST_SLICE_NANOS);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = attributes(arena);
            attributes.set(JAVA_LONG, RUNTIME, nanos);
            int result = ThreadCalls.schedSetattr(THIS_THREAD, attributes.address());
            if (result < 0) {
                throw LinuxException.unprivileged("sched_setattr", "slice of " + nanos + " ns", result);
            }
        }
    }

    /** The slice of the calling thread in nanoseconds; 0 where Linux has none for each thread. */
    public static long slice() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            return attributes(arena).get(JAVA_LONG, RUNTIME);
        }
    }

    private static MemorySegment attributes(Arena arena) throws LinuxException {
        MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, Long.BYTES);
        int result = ThreadCalls.schedGetattr(THIS_THREAD, attributes.address(), ATTRIBUTES_BYTES);
        if (result < 0) {
            throw LinuxException.unprivileged("sched_getattr", "calling thread", result);
        }
        return attributes;
    }
}
