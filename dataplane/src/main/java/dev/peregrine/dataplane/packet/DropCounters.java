package dev.peregrine.dataplane.packet;

import org.jspecify.annotations.Nullable;

/** How many wire packets were dropped, by reason. One writing thread; any thread may read. */
public final class DropCounters {
    private final Counter[] counts = new Counter[DropReason.values().length];
    private @Nullable Witness witness;

    /** Sees packets that are dropped while they are still whole. Called on the owner's thread. */
    public interface Witness {
        /**
         * A packet is lost, all of it or some of its segments.
         *
         * @param stage that decided it, by the name that it gives itself; null where it was no stage
         */
        void dropped(@Nullable String stage, Packet packet, DropReason reason);
    }

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

    /** Sets who sees the packets that are dropped from now on; null for nobody. On the owner's thread. */
    public void witnessedBy(@Nullable Witness who) {
        witness = who;
    }

    /** Counts a packet's segments under a reason and releases it; only the owner calls this. */
    public void drop(Packet packet, DropReason reason) {
        lose(packet, reason, packet.wirePackets());
        packet.pool().release(packet);
    }

    /** As {@link #drop(Packet, DropReason)}, by the decision of a stage. */
    public void drop(String stage, Packet packet, DropReason reason) {
        add(reason, packet.wirePackets());
        show(stage, packet, reason);
        packet.pool().release(packet);
    }

    /** Counts a packet's segments, or the last ones of them, under a reason; the packet stays the caller's. */
    public void lose(Packet packet, DropReason reason, int segments) {
        add(reason, segments);
        show(null, packet, reason);
    }

    /** Counts all packets of a batch under a reason and releases them; only the owner calls this. */
    public void drop(Batch batch, DropReason reason) {
        for (int i = 0; i < batch.size(); i++) {
            lose(batch.packet(i), reason, batch.packet(i).wirePackets());
        }
        batch.release();
    }

    /** Shows a packet that has ended and was counted. */
    public void show(@Nullable String stage, Packet packet, DropReason reason) {
        if (witness != null) {
            witness.dropped(stage, packet, reason);
        }
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
