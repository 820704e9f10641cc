package dev.peregrine.dataplane.packet;

/** How many wire packets were dropped, by reason. One writing thread; any thread may read. */
public final class DropCounters {
    private final Counter[] counts = new Counter[DropReason.values().length];

    /** All counts at 0. */
    public DropCounters() {
        for (int i = 0; i < counts.length; i++) {
            counts[i] = new Counter();
        }
    }

    /** Counts dropped wire packets; only the owner calls this. */
    public void add(DropReason reason, long segments) {
        counts[reason.index()].add(segments);
    }

    /** Counts a packet's segments under a reason and releases it; only the owner calls this. */
    public void drop(Packet packet, DropReason reason) {
        add(reason, packet.wirePackets());
        packet.pool().release(packet);
    }

    /** Wire packets dropped for a reason. */
    public long count(DropReason reason) {
        return counts[reason.index()].value();
    }

    /** Wire packets dropped for any reason. */
    public long total() {
        long sum = 0;
        for (Counter count : counts) {
            sum += count.value();
        }
        return sum;
    }
}
