package dev.peregrine.load;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns SIGINT and SIGTERM into a request to stop, and keeps the process alive until the command has printed its
 * totals.
 *
 * <pre>{@code
 * try (StopSignal stop = StopSignal.install()) {
 *     while (!stop.requested()) send();
 *     printTotals();
 * }
 * }</pre>
 */
public final class StopSignal implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 10;

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook = new Thread(this::terminated, "stop-signal");
    private final List<Runnable> actions = new CopyOnWriteArrayList<>();
    private volatile boolean requested;

    private StopSignal() {}

    /** From now on a signal only sets {@link #requested}. */
    public static StopSignal install() {
        StopSignal stop = new StopSignal();
        Runtime.getRuntime().addShutdownHook(stop.hook);
        return stop;
    }

    /** Whether the loops should end. Any thread. */
    public boolean requested() {
        return requested;
    }

    /** Asks the loops to end, as a signal does. */
    public void request() {
        requested = true;
        actions.forEach(Runnable::run);
    }

    /** Adds an action for the signal, such as closing a channel that a thread is blocked on; it runs on any thread. */
    public void whenRequested(Runnable action) {
        actions.add(action);
        if (requested) action.run();
    }

    /** Everything is printed: the process may end. */
    @Override
    public void close() {
        closed.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // The hook is running, and ends the process itself.
        }
    }

    /** A JVM that is ended by a signal exits with 143 or 130; halting says 0 when all went as asked. */
    private void terminated() {
        request();
        try {
            Runtime.getRuntime().halt(closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS) ? 0 : 1);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
