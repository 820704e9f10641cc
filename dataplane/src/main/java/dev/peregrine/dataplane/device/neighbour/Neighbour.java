package dev.peregrine.dataplane.device.neighbour;

import dev.peregrine.dataplane.linux.sys.MappedAddress;

/**
 * The MAC of an IP address in a segment: an entry of a {@link NeighbourTable}. Immutable except for its age and its
 * doubt.
 */
public final class Neighbour {
    final int segment;
    final long high;
    final long low;
    final long mac;
    final boolean isRouter;
    final Origin origin;

    /** The port that the host is behind; meaningless unless the entry was learned. */
    final int port;

    private volatile long seenNanos;
    private volatile boolean isDoubted;

    /** The source of an address's MAC, the most trusted one first. */
    public enum Origin {
        /** The configuration or a command. */
        CONFIG,
        /** A control plane. */
        CONTROL,
        /** Messages of hosts. */
        LEARNED
    }

    Neighbour(int segment, long high, long low, long mac, boolean isRouter, Origin origin, int port, long seenNanos) {
        this.segment = segment;
        this.high = high;
        this.low = low;
        this.mac = mac;
        this.isRouter = isRouter;
        this.origin = origin;
        this.port = port;
        this.seenNanos = seenNanos;
    }

    /** The lower 64 bits of an IPv4 address as IPv6. */
    static long mapped(int ipv4) {
        return MappedAddress.low(ipv4);
    }

    boolean isLearned() {
        return origin == Origin.LEARNED;
    }

    boolean has(int itsSegment, long itsHigh, long itsLow) {
        return segment == itsSegment && high == itsHigh && low == itsLow;
    }

    /** The time at which a message from the host was last seen; unused unless it was learned. */
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
     * Records a reason to believe that the host has gone; only what was learned is doubted. Called by any thread: a
     * doubt that meets {@link #seen} may be lost or survive it, which costs at most one more question.
     */
    void doubt() {
        if (isLearned() && !isDoubted) {
            isDoubted = true;
        }
    }
}
