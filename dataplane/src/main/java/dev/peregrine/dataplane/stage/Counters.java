package dev.peregrine.dataplane.stage;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What one node or port counted. One writing thread; any thread may read, and sees values that are at most a little
 * old. All but {@link #batches} and {@link #packets} count wire packets: a superframe counts its segments.
 */
public final class Counters {
    private static final VarHandle BATCHES = handle("batches");
    private static final VarHandle PACKETS = handle("packets");
    private static final VarHandle SEGMENTS = handle("segments");
    private static final VarHandle BYTES = handle("bytes");
    private static final VarHandle DROPS = handle("drops");
    private static final VarHandle COPIES = handle("copies");

    private long batches;
    private long packets;
    private long segments;
    private long bytes;
    private long drops;
    private long copies;

    private static VarHandle handle(String field) {
        try {
            return MethodHandles.lookup().findVarHandle(Counters.class, field, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Counts a batch that arrived. */
    public void arrived(int packetsMore, int segmentsMore) {
        BATCHES.setOpaque(this, batches + 1);
        PACKETS.setOpaque(this, packets + packetsMore);
        SEGMENTS.setOpaque(this, segments + segmentsMore);
    }

    /** Counts wire bytes. */
    public void bytes(long more) {
        BYTES.setOpaque(this, bytes + more);
    }

    /** Counts dropped wire packets. */
    public void dropped(long segmentsMore) {
        DROPS.setOpaque(this, drops + segmentsMore);
    }

    /** Counts wire packets that a flood added, those included for whose copies no buffer was free. */
    public void copied(long segmentsMore) {
        COPIES.setOpaque(this, copies + segmentsMore);
    }

    /** Batches that arrived. */
    public long batches() {
        return (long) BATCHES.getOpaque(this);
    }

    /** Packets that arrived; a superframe is one. */
    public long packets() {
        return (long) PACKETS.getOpaque(this);
    }

    /** Wire packets that arrived. */
    public long segments() {
        return (long) SEGMENTS.getOpaque(this);
    }

    /** Wire bytes, headers of every segment included. */
    public long bytes() {
        return (long) BYTES.getOpaque(this);
    }

    /** Wire packets that were dropped. */
    public long drops() {
        return (long) DROPS.getOpaque(this);
    }

    /** Wire packets that floods added. */
    public long copies() {
        return (long) COPIES.getOpaque(this);
    }
}
