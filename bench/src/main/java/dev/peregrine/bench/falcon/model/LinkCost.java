package dev.peregrine.bench.falcon.model;

import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.ThreadEnd;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;
import org.jspecify.annotations.Nullable;

/**
 * The cost of handing a packet to another worker for the giving and the taking side, including the return of its
 * buffer: packets stream from one pinned thread to another, and each side takes the time of each of its batches.
 * Waiting for the other side does not count, nor does the slowest hundredth of the batches, in which a thread was
 * interrupted.
 */
public final class LinkCost {
    private static final int BUFFERS = 512;

    private final int batchSize;
    private final PacketPool pool = new PacketPool(Passage.GIVER, 2, BUFFERS, BUFFERS);
    private final Passage passage;
    private final Side giver = new Side();
    private final Side taker = new Side();
    private volatile boolean counting;
    private volatile boolean ended;

    /** Nanoseconds for a packet. */
    public record Cost(double giveNanos, double takeNanos) {
        /** Both workers' time for one packet, in nanoseconds. */
        public double sumNanos() {
            return giveNanos + takeNanos;
        }
    }

    private static final class Side {
        private static final int PICOS = 1000;
        private static final long MAX_PICOS = 1_000_000_000_000L;
        private static final int DIGITS = 3;
        private static final double KEPT_PERCENT = 99;

        /** Picoseconds for a packet, once for each packet. */
        private final Histogram picos = new Histogram(MAX_PICOS, DIGITS);

        private volatile @Nullable Throwable failure;

        private void record(long nanos, int packets) {
            picos.recordValueWithCount(Math.clamp(nanos * PICOS / packets, 0, MAX_PICOS), packets);
        }

        /** The mean without the slowest hundredth. */
        private double nanosPerPacket() {
            double sum = 0;
            double count = 0;
            for (HistogramIterationValue value : picos.recordedValues()) {
                sum += (double) value.getValueIteratedTo() * value.getCountAddedInThisIterationStep();
                count += value.getCountAddedInThisIterationStep();
                if (value.getPercentileLevelIteratedTo() >= KEPT_PERCENT) break;
            }
            return sum / Math.max(1, count) / PICOS;
        }
    }

    /** One turn of a side; answers how many packets it had. */
    @FunctionalInterface
    private interface Turn {
        int run(Batch batch);
    }

    private LinkCost(int batchSize, Function<PacketPool, Passage> passage) {
        this.batchSize = batchSize;
        this.passage = passage.apply(pool);
    }

    /** Measures a link for some seconds, half of them to warm up. */
    public static Cost measure(int giverCpu, int takerCpu, int batchSize, double seconds) throws InterruptedException {
        return measure(Passage.OverLink::new, giverCpu, takerCpu, batchSize, seconds);
    }

    /** As {@link #measure(int, int, int, double)}, with another way there and back. */
    public static Cost measure(
            Function<PacketPool, Passage> passage, int giverCpu, int takerCpu, int batchSize, double seconds)
            throws InterruptedException {
        return new LinkCost(batchSize, passage).run(giverCpu, takerCpu, seconds);
    }

    private Cost run(int giverCpu, int takerCpu, double seconds) throws InterruptedException {
        Thread give = start(giver, giverCpu, this::give);
        Thread take = start(taker, takerCpu, passage::take);
        try {
            TimeUnit.NANOSECONDS.sleep((long) (seconds / 2 * 1e9));
            counting = true;
            TimeUnit.NANOSECONDS.sleep((long) (seconds / 2 * 1e9));
        } finally {
            ended = true;
            ThreadEnd.await(give);
            ThreadEnd.await(take);
            pool.close();
        }
        for (Side side : List.of(giver, taker)) {
            if (side.failure != null) throw new IllegalStateException(side.failure);
        }
        return new Cost(giver.nanosPerPacket(), taker.nanosPerPacket());
    }

    private Thread start(Side side, int cpu, Turn turn) {
        Thread thread = new Thread(() -> {
            try {
                CpuAffinity.pin(cpu);
                loop(side, turn);
            } catch (LinuxException | RuntimeException | Error e) {
                side.failure = e;
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void loop(Side side, Turn turn) {
        Batch batch = new Batch();
        while (!ended) {
            fill(side, batch);
            long begin = System.nanoTime();
            int packets = turn.run(batch);
            long end = System.nanoTime();
            if (packets == 0) {
                Thread.onSpinWait();
            } else if (counting) {
                side.record(end - begin, packets);
            }
        }
    }

    /** Taking buffers from the pool is no part of a hand-off. */
    private void fill(Side side, Batch batch) {
        if (side != giver) {
            return;
        }
        if (pool.available() < batchSize) {
            passage.collect();
        }
        if (pool.available() >= batchSize) {
            for (int i = 0; i < batchSize; i++) {
                Packet packet = pool.acquire();
                if (packet != null) batch.add(packet);
            }
        }
    }

    private int give(Batch batch) {
        int packets = batch.size();
        if (packets > 0) {
            passage.give(batch);
        }
        return packets;
    }
}
