package dev.peregrine.dataplane.schedule;

/** What stands between two devices and holds packets: a {@link Link} or a {@link LocalQueue}. */
interface Joint {
    /** Packets that it was given so far; counted before the batch ends that they were in. Any thread may ask. */
    long given();
}
