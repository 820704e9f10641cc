package dev.peregrine.gateway.control;

/**
 * A result that goes on: after the answer to its command, lines follow on the connection until it ends. While it lasts,
 * the connection takes no other command. Begun once, after the answer has left; ended once, on whatever thread.
 */
public interface Streamed {
    /** The result in the answer itself. */
    Object result();

    /** Begins to give lines to the client, on a thread of its own. */
    void begin(Client client);

    /** Has it end soon, with its last line for a client that is there. Does not block. */
    void stop();

    /** The client is gone: nothing is wanted any more. Does not block. Also called when it was never begun. */
    void abandon();

    /** The other side, for the one thread that gives lines. */
    interface Client {
        /** Whether the client takes lines as fast as they come; while it does not, lines are held in memory. */
        boolean isReady();

        /** Sends a line: a record, which Jackson writes. */
        void send(Object line);

        /** Sends the last line; then the connection takes commands again. */
        void end(Object line);
    }
}
