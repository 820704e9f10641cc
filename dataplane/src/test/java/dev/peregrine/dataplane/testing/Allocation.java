package dev.peregrine.dataplane.testing;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Measures what the calling thread allocates on the heap. */
public final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Compilation ends when it ends, which on a busy machine is late. */
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private Allocation() {}

    /**
     * Heap bytes that {@code rounds} runs allocate once they are compiled: the least of several measurements, which
     * are repeated for up to a minute while something is allocated.
     */
    public static long bytes(int rounds, Runnable body) {
        long least = Long.MAX_VALUE;
        long begin = System.nanoTime();
        while (least > 0 && System.nanoTime() - begin < PATIENCE_NANOS) {
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
