package dev.peregrine.gateway.observe;

import dev.peregrine.gateway.control.Streamed;

/** The reader's side of the taps: takes what they have written, and sends it. Belongs to one thread. */
interface Reading extends AutoCloseable {
    /**
     * Reads what waits and sends what is complete, at most {@code most} packets; returns how many it sent.
     *
     * @param isLast whether nothing more will come, so that nothing needs to be waited for
     */
    long read(Streamed.Client client, long most, boolean isLast);

    /** Throws away what waits, which nobody takes: it counts as missed from now on. */
    void discard();

    /** Packets that were not written down, and those that were discarded. */
    long missed();

    /** Frees the rings, into which nobody writes any more. */
    @Override
    void close();
}
