package dev.peregrine.bench.wire.lab;

import dev.peregrine.dataplane.linux.sys.ThreadEnd;
import java.io.IOException;
import java.io.InterruptedIOException;

/** Waiting. */
public final class Pause {
    private Pause() {}

    /** Waits; throws {@link IOException} if the thread was interrupted. */
    public static void seconds(double seconds) throws IOException {
        try {
            Thread.sleep((long) (seconds * 1000));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /** Waits until a thread has ended, whatever happens. */
    public static void join(Thread thread) {
        ThreadEnd.await(thread);
    }
}
