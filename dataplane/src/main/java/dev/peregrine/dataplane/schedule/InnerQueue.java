package dev.peregrine.dataplane.schedule;

/** A part between two devices that holds packets: a {@link Link} or a {@link LocalQueue}. */
interface InnerQueue {
    /**
     * Packets that it has received so far; counted before the end of the batch that they were in. Any thread may ask.
     */
    long given();
}
