package dev.peregrine.bench.chain;

import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.load.Stamp;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Stands for a workload: counts packets, detects overtaken ones, measures how late they are, and releases them. Belongs
 * to one worker; those of several share a {@link Witness}.
 */
public final class MemoryDestination implements Endpoint {
    private static final int DIGITS = 3;
    private static final long MAX_NANOS = 10_000_000_000L;

    private final Witness witness;
    private final Counter delivered = new Counter();
    private final @Nullable Histogram latency;

    /** The state that destinations watch together. */
    public static final class Witness {
        private final @Nullable AtomicLongArray highest;
        private final boolean latency;
        private final AtomicLong reordered = new AtomicLong();
        private final AtomicInteger epoch = new AtomicInteger();

        /**
         * Watches some things.
         *
         * @param flows whose order is watched; 0: none, which saves an atomic operation for each packet
         * @param latency whether to take the time
         */
        public Witness(int flows, boolean latency) {
            highest = flows == 0 ? null : new AtomicLongArray(flows);
            this.latency = latency;
        }

        /** Packets that came after a later one of their flow. */
        public long reordered() {
            return reordered.get();
        }

        /** Starts a new interval of latencies. */
        public void forgetLatency() {
            epoch.incrementAndGet();
        }
    }

    private int seenEpoch;

    /** A destination. */
    public MemoryDestination(Witness witness) {
        this.witness = witness;
        latency = witness.latency ? new Histogram(MAX_NANOS, DIGITS) : null;
    }

    @Override
    public void accept(Batch batch) {
        if (latency != null) {
            recordLatency(latency, batch);
        }
        if (witness.highest != null) {
            watchOrder(witness.highest, batch);
        }
        delivered.add(batch.segments());
        batch.release();
    }

    private void recordLatency(Histogram histogram, Batch batch) {
        int epoch = witness.epoch.get();
        if (epoch != seenEpoch) {
            seenEpoch = epoch;
            histogram.reset();
        }
        long now = System.nanoTime();
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            long age = Stamp.age(packet.memory(), stamp(packet), now);
            histogram.recordValue(Math.clamp(age, 0, MAX_NANOS));
        }
    }

    private void watchOrder(AtomicLongArray highest, Batch batch) {
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            long sequence = Stamp.sequence(packet.memory(), stamp(packet));
            int flow = Stamp.flow(packet.memory(), stamp(packet));
            if (highest.getAndAccumulate(flow, sequence, Math::max) > sequence) {
                witness.reordered.incrementAndGet();
            }
        }
    }

    private static long stamp(Packet packet) {
        return packet.offset() + Dissector.payloadIndex(packet);
    }

    /** Datagrams that arrived so far; any thread may ask. */
    public long delivered() {
        return delivered.value();
    }

    /** Ages at arrival since {@link Witness#forgetLatency}, if any were taken; to be read when the worker has ended. */
    public @Nullable Histogram latency() {
        return seenEpoch == witness.epoch.get() ? latency : null;
    }

    @Override
    public int poll(Batch batch) {
        return 0;
    }

    @Override
    public int fd() {
        return -1;
    }

    @Override
    public boolean isGone() {
        return false;
    }

    @Override
    public void close() {}
}
