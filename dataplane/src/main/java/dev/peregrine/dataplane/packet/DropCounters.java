package dev.peregrine.dataplane.packet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * How many wire packets were dropped, by reason, and for each reason one of the packets. One writing thread; any thread
 * may read the counts, and one may take the samples.
 */
public final class DropCounters {
    private final Counter[] counts = new Counter[DropReason.values().length];
    private final Slot[] samples = new Slot[counts.length];
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
            samples[i] = new Slot();
        }
    }

    /**
     * A packet that was dropped.
     *
     * @param segment its segment; -1 before decap
     * @param inPort the port that it came in by; {@link Packet#NO_PORT} when unknown
     * @param outPort the port that it was to leave by, likewise
     * @param first the first eight bytes of its head, as a big-endian number; 0 where the head is shorter than 24 bytes
     * @param second the next eight
     * @param third the next eight
     * @param errno why the kernel refused it; 0 where the kernel was not asked
     */
    public record Sample(int segment, int inPort, int outPort, long first, long second, long third, int errno) {
        /** Bytes of the head that are kept. */
        static final int BYTES = 24;
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

    /**
     * As {@link #lose(Packet, DropReason, int)}, since the kernel refused the packet with {@code errno}, a positive
     * number.
     */
    public void lose(Packet packet, DropReason reason, int segments, int errno) {
        add(reason, segments);
        tell(null, packet, reason, errno);
    }

    /** Counts the packets of a batch under a reason and releases them; only the owner calls this. */
    public void drop(Batch batch, DropReason reason) {
        for (int i = 0; i < batch.size(); i++) {
            lose(batch.packet(i), reason, batch.packet(i).wirePackets());
        }
        batch.release();
    }

    /**
     * As {@link #lose(Packet, DropReason, int, int)}, of a packet of which only the port is known that it was to leave
     * by.
     */
    public void note(DropReason reason, int outPort, int errno) {
        samples[reason.index()].put(outPort, errno);
    }

    /** The first packet that was dropped for a reason since the last call, or null; always called by one thread. */
    public @Nullable Sample take(DropReason reason) {
        return samples[reason.index()].take();
    }

    /** Shows a packet that has ended and was counted: to the witness, and as the sample of the reason. */
    public void show(@Nullable String stage, Packet packet, DropReason reason) {
        tell(stage, packet, reason, 0);
    }

    /** While a sample waits to be taken, that is one read. */
    private void tell(@Nullable String stage, Packet packet, DropReason reason, int errno) {
        samples[reason.index()].put(packet, errno);
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

    /** One sample on its way to the reader: the owner fills it while it is empty, the reader empties it. */
    private static final class Slot {
        private static final VarHandle FULL;

        static {
            try {
                FULL = MethodHandles.lookup().findVarHandle(Slot.class, "full", boolean.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private boolean full;
        private int segment;
        private int inPort;
        private int outPort;
        private int errno;
        private long first;
        private long second;
        private long third;

        void put(Packet packet, int why) {
            if ((boolean) FULL.getAcquire(this)) {
                return;
            }
            boolean isLong = packet.headLength() >= Sample.BYTES;
            segment = packet.segment();
            inPort = packet.inPort();
            outPort = packet.outPort();
            first = isLong ? packet.getLong(0) : 0;
            second = isLong ? packet.getLong(Long.BYTES) : 0;
            third = isLong ? packet.getLong(2 * Long.BYTES) : 0;
            errno = why;
            FULL.setRelease(this, true);
        }

        void put(int port, int why) {
            if ((boolean) FULL.getAcquire(this)) {
                return;
            }
            segment = -1;
            inPort = Packet.NO_PORT;
            outPort = port;
            first = 0;
            second = 0;
            third = 0;
            errno = why;
            FULL.setRelease(this, true);
        }

        @Nullable
        Sample take() {
            if (!(boolean) FULL.getAcquire(this)) {
                return null;
            }
            Sample sample = new Sample(segment, inPort, outPort, first, second, third, errno);
            FULL.setRelease(this, false);
            return sample;
        }
    }
}
