package dev.peregrine.load.perf.traffic;

import java.io.IOException;

/** One side's part in a test: it sends, receives, asks or answers on all streams, on threads of its own. */
public interface Traffic extends AutoCloseable {

    /** Begins. Once. */
    void start();

    /**
     * Reports that the other side sends no more: a receiver ends when it has received the data under way. Senders
     * ignore it.
     */
    void drain();

    /**
     * Waits for the end.
     *
     * @throws IOException the failure that ended it early
     */
    void await() throws IOException;

    Streams streams();

    /** Ends it now, if it has not ended, and frees its resources. */
    @Override
    void close();
}
