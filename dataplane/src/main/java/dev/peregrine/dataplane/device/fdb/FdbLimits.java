package dev.peregrine.dataplane.device.fdb;

/**
 * The limits of an {@link Fdb}: of the table, and of what learning may place in a segment and behind a port. Segments
 * and ports can have some places {@linkplain #reserve of their own}, which no other takes from them. The thread that
 * writes the table alone calls what is not documented as safe for any thread.
 */
public final class FdbLimits {
    private final FdbSegments segments;
    private final FdbPorts ports;
    private final Shares shares = new Shares();
    private volatile int capacity;

    /** Those that learning does not make: static ones, and those of control planes. */
    private int givenEntries;

    FdbLimits(int capacity, FdbSegments segments, FdbPorts ports) {
        this.capacity = capacity;
        this.segments = segments;
        this.ports = ports;
        shares.places(capacity);
    }

    /** The most entries of the table; any thread may ask. */
    public int capacity() {
        return capacity;
    }

    /** Sets the most entries, 1 to {@link Fdb#MAX_CAPACITY}; a lower number removes none by itself. */
    public void capacity(int most) {
        capacity = most;
        shares.places(most - givenEntries);
    }

    /**
     * Sets the most dynamic and sticky entries that learning may place behind a local port; a lower limit removes
     * nothing by itself. Without this call there is no limit.
     */
    public void port(int port, int limit) {
        ports.limit(port, limit);
    }

    /** Dynamic and sticky entries that lead to a local port now. */
    public int portEntries(int port) {
        return ports.entries(port);
    }

    /** Sightings behind a local port that made no entry, because the segment, the port or the table was full. */
    public long portRefusals(int port) {
        return ports.refusals(port);
    }

    /**
     * Gives a segment places of its own for learned entries, so that others cannot fill the table with theirs. All
     * segments together can have {@link #capacity}, less the static entries and those of control planes.
     */
    public void reserve(int segment, int places) {
        shares.reserve(segment, places);
    }

    /**
     * Gives a port of a segment, or with a tunnel port all tunnels, places of its own within the segment's limit, so
     * that one port's MACs cannot keep those of another from being learned.
     */
    public void reserve(int segment, int port, int places) {
        segments.get(segment).reserve(port, places);
    }

    /** Whether learning may place one more entry, of a table with {@code size} entries, behind a port of a segment. */
    boolean hasRoom(int segment, int port, int size) {
        return segments.get(segment).hasRoom(port) && size < capacity && shares.hasRoom(segment) && !ports.isFull(port);
    }

    /** Counts a sighting that made no entry for lack of room. */
    void refuse(int segment, int port) {
        segments.get(segment).refused();
        ports.refused(port);
    }

    /** Fails if a segment does not exist. */
    void requireSegment(int segment) {
        segments.get(segment);
    }

    /** Counts entries that were made or, with a negative number, removed. */
    void count(int segment, int port, Fdb.Kind kind, int change) {
        segments.get(segment).count(port, kind, change);
        if (kind.isLearned()) {
            shares.count(segment, change);
            ports.count(port, change);
        } else {
            givenEntries += change;
            shares.places(capacity - givenEntries);
        }
    }
}
