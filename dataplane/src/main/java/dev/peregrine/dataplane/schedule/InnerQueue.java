package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.stage.Source;

/** A part between two devices that holds packets: a {@link Link} or a {@link LocalQueue}. */
interface InnerQueue extends Source {
    /**
     * Packets that it has received so far; counted before the end of the batch that they were in. Any thread may ask.
     */
    long given();
}
