package dev.peregrine.dataplane.testing;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Measures what the calling thread allocates on the heap. */
public final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocation() {}

    /**
     * Heap bytes that {@code rounds} runs allocate, after as many runs to warm up; the least of several measurements,
     * because the compiler may allocate once on the thread's behalf.
     */
    public static long bytes(int rounds, Runnable body) {
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 4 && least > 0; attempt++) {
            repeat(rounds, body);
            long before = THREADS.getCurrentThreadAllocatedBytes();
            repeat(rounds, body);
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }

    private static void repeat(int rounds, Runnable body) {
        for (int i = 0; i < rounds; i++) {
            body.run();
        }
    }
}
