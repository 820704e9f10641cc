package dev.peregrine.bench.econ;

import dev.peregrine.fastpath.Epoch;
import java.util.concurrent.locks.LockSupport;

/** Ends all decisions of flow caches every so often, as if entries lived for that long, whatever becomes of tables. */
final class Expiry {
    private final Thread thread;
    private volatile boolean stop;

    /** {@code periodSeconds} of 0 is never. */
    Expiry(Epoch epoch, double periodSeconds) {
        thread = new Thread(
                () -> {
                    while (!stop && periodSeconds > 0) {
                        LockSupport.parkNanos((long) (periodSeconds * 1e9));
                        epoch.advanceAll();
                    }
                },
                "bench-expiry");
        thread.start();
    }

    /** Ends the thread. */
    void end() throws InterruptedException {
        stop = true;
        LockSupport.unpark(thread);
        thread.join();
    }
}
