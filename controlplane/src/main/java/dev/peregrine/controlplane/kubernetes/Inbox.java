package dev.peregrine.controlplane.kubernetes;

import dev.peregrine.controlplane.LocalState;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The events that the plane's thread waits for: answers of the server, and wishes of the gateway. */
final class Inbox {
    private static final int CAPACITY = 256;

    private final BlockingQueue<ApiReader.Item> items = new ArrayBlockingQueue<>(CAPACITY);
    private final AtomicReference<@Nullable LocalState> wanted = new AtomicReference<>();
    private volatile boolean isResyncWanted;

    /** For any thread. */
    void announce(LocalState state) {
        wanted.set(state);
        wake();
    }

    /** For any thread. */
    void resync() {
        isResyncWanted = true;
        wake();
    }

    /** Where it is full, nobody sleeps. */
    private void wake() {
        items.offer(ApiReader.Wake.UP);
    }

    /** The state to publish, if the gateway has named one since the last call. */
    @Nullable
    LocalState takeWanted() {
        return wanted.getAndSet(null);
    }

    boolean isResyncWanted() {
        return isResyncWanted;
    }

    void resyncBegins() {
        isResyncWanted = false;
    }

    /** Where readers put what they read. */
    BlockingQueue<ApiReader.Item> items() {
        return items;
    }

    /**
     * The next item of this reader.
     *
     * @param nanos how long to wait
     * @return null when time was over, or when somebody woke the thread
     */
    ApiReader.@Nullable Read next(ApiReader reader, long nanos) throws InterruptedException {
        long deadline = System.nanoTime() + nanos;
        while (true) {
            ApiReader.Item item = items.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (item instanceof ApiReader.Read read) {
                if (read.from() == reader) return read;
            } else {
                return null;
            }
        }
    }

    /** Waits; the whole time, unless the picture is wanted. */
    void pause(long nanos) throws InterruptedException {
        long deadline = System.nanoTime() + nanos;
        for (long left = nanos; left > 0 && !isResyncWanted; left = deadline - System.nanoTime()) {
            items.poll(left, TimeUnit.NANOSECONDS);
        }
    }
}
