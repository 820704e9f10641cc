package dev.peregrine.gateway.runtime;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** The one thread that owns a gateway's tables, ports and graphs. */
final class ControlThread {
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(ControlThread::thread);

    /** Something to do on it. */
    interface Step {
        void run() throws IOException;
    }

    private static Thread thread(Runnable run) {
        Thread thread = new Thread(run, "control");
        thread.setDaemon(true);
        return thread;
    }

    /** Runs tasks on it. */
    ScheduledExecutorService executor() {
        return executor;
    }

    /** Runs a step on it, and waits for its end. */
    void run(Step step) throws IOException {
        try {
            executor.submit(() -> {
                        step.run();
                        return true;
                    })
                    .get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Ends it. */
    void end() {
        executor.shutdownNow();
    }
}
