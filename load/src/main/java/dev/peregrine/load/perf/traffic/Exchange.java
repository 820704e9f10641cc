package dev.peregrine.load.perf.traffic;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A connection for requests and responses of one length. One thread sends, one receives; it may be the same. */
public interface Exchange extends AutoCloseable {

    /** Sends the whole buffer. */
    void send(ByteBuffer request) throws IOException;

    /**
     * Fills the buffer with the next response, and flips it.
     *
     * @return false when none came: within the timeout, or before the end of the connection
     */
    boolean receive(ByteBuffer response) throws IOException;

    /** Whether every request is answered, unless the connection ends. */
    boolean isReliable();

    /** Ends the requests, so that {@link #receive} returns. */
    void finish() throws IOException;

    @Override
    void close();
}
