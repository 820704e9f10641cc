package dev.peregrine.dataplane.device.neighbour;

import dev.peregrine.dataplane.linux.sys.MappedAddress;

/**
 * The MAC of an IP address in a segment: an entry of a {@link NeighbourTable}. Immutable except for its age and its
 * doubt.
 */
final class Neighbour {
    final int segment;
    final long high;
    final long low;
    final long mac;
    final boolean isRouter;
    final boolean isStatic;

    /** The port that the host is behind; meaningless for a static entry. */
    final int port;

    private volatile long seenNanos;
    private volatile boolean isDoubted;

    Neighbour(
            int segment, long high, long low, long mac, boolean isRouter, boolean isStatic, int port, long seenNanos) {
        this.segment = segment;
        this.high = high;
        this.low = low;
        this.mac = mac;
        this.isRouter = isRouter;
        this.isStatic = isStatic;
        this.port = port;
        this.seenNanos = seenNanos;
    }

    /** The lower 64 bits of an IPv4 address as IPv6. */
    static long mapped(int ipv4) {
        return MappedAddress.low(ipv4);
    }

    boolean has(int itsSegment, long itsHigh, long itsLow) {
        return segment == itsSegment && high == itsHigh && low == itsLow;
    }

    /** The time at which a message from the host was last seen; unused in a static entry. */
    long seenNanos() {
        return seenNanos;
    }

    /**
     * Records that a message from the host was seen, which ends a doubt; called by any thread, and the last one wins.
     */
    void seen(long nowNanos) {
        seenNanos = nowNanos;
        if (isDoubted) {
            isDoubted = false;
        }
    }

    /** Whether there was reason to believe that the host has gone since it was last seen. */
    boolean isDoubted() {
        return isDoubted;
    }

    /**
     * Records a reason to believe that the host has gone; a static entry is never doubted. Called by any thread: a
     * doubt that meets {@link #seen} may be lost or survive it, which costs at most one more question.
     */
    void doubt() {
        if (!isStatic && !isDoubted) {
            isDoubted = true;
        }
    }
}
