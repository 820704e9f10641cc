package dev.peregrine.load.perf.traffic;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The threads of a {@link Traffic}, and the first failure among them. */
final class StreamThreads {
    private final List<Thread> threads = new ArrayList<>();
    private volatile @Nullable IOException failure;

    /** The work of a thread. */
    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }

    void start(String name, Work work) {
        Thread thread = new Thread(() -> run(work), name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void run(Work work) {
        try {
            work.run();
        } catch (IOException failed) {
            failure = failed;
        }
    }

    /** Waits for all of them; their failures are reported elsewhere. */
    void end() {
        try {
            await();
        } catch (IOException told) {
            // By await.
        }
    }

    /** Waits for all of them. */
    void await() throws IOException {
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", interrupted);
            }
        }
        IOException failed = failure;
        if (failed != null) throw failed;
    }
}
