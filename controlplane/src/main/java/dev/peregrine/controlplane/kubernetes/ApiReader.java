package dev.peregrine.controlplane.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Reads one page of a list, or one watch, on a thread of its own, so that the plane can give up waiting at any time. It
 * waits while the plane's queue is full.
 */
final class ApiReader {
    private final ApiClient client;
    private final String target;
    private final boolean isWatch;
    private final BlockingQueue<Item> queue;
    private final Thread thread;

    /** Something for the plane. */
    sealed interface Item {}

    /** Something that a reader has read. */
    sealed interface Read extends Item {
        /** Which one. A plane leaves aside what one of earlier has left in the queue. */
        ApiReader from();
    }

    /** The server has answered. */
    record Opened(ApiReader from) implements Read {}

    /** An object has come. */
    record Seen(ApiReader from, ApiStream.Event event) implements Read {}

    /** It is over: a page as a whole, a watch by the server's will, or either of them with a failure. */
    record Ended(
            ApiReader from,
            ApiStream.@Nullable Page page,
            @Nullable ApiFailure failure) implements Read {}

    /** Somebody wants the plane to look up. */
    enum Wake implements Item {
        /** The only one. */
        UP
    }

    /**
     * Begins to read.
     *
     * @param target path and query
     */
    ApiReader(String plane, ApiClient client, String target, boolean isWatch, BlockingQueue<Item> queue) {
        this.client = client;
        this.target = target;
        this.isWatch = isWatch;
        this.queue = queue;
        thread = Thread.ofPlatform().daemon().name("plane-" + plane + "-read").unstarted(this::run);
    }

    ApiReader start() {
        thread.start();
        return this;
    }

    /** Ends it without waiting. */
    void cancel() {
        thread.interrupt();
    }

    private void run() {
        try {
            queue.put(read());
        } catch (InterruptedException cancelled) {
            Thread.currentThread().interrupt();
        }
    }

    private Ended read() throws InterruptedException {
        try (InputStream body = client.open(target)) {
            queue.put(new Opened(this));
            ApiStream stream = new ApiStream(body);
            if (!isWatch) return new Ended(this, stream.readPage(this::seen), null);
            stream.readEvents(this::seen);
            return new Ended(this, null, null);
        } catch (ApiFailure e) {
            return new Ended(this, null, e);
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) throw new InterruptedException();
            return new Ended(this, null, failure(e));
        }
    }

    private ApiFailure failure(IOException e) {
        String what = isWatch ? "a watch" : "a list";
        boolean isGarbled = e instanceof ApiStream.Garbled || e instanceof JsonProcessingException;
        // JSON that ends too early is a connection that broke.
        return isGarbled && !(e instanceof JsonEOFException) ? ApiFailure.garbled(what, e) : new ApiFailure(what, e);
    }

    private void seen(ApiStream.Event event) throws InterruptedException {
        queue.put(new Seen(this, event));
    }
}
